// The terminal's interpreter: colours (SGR 0-2, 30-37, 90-97), \r, \n, \b, and CSI n A, K, J, G. All else is dropped.
// A screen is lines of cells, a cell a character and the class names it is drawn with. It knows nothing of the page.

/** Lines kept: older ones leave at the top. */
const KEPT = 3000;
const CSI = /^\x1b\[([\x30-\x3f]*)[\x20-\x2f]*([\x40-\x7e])/;
const OSC = /^\x1b\][^\x07\x1b]*(\x07|\x1b\\)/;
/** Every other escape: one byte after ESC, or a character set's two. */
const OTHER = /^\x1b(?:[\x20-\x2f]+[\x30-\x7e]|[\x30-\x5a\x5c\x5e-\x7e])/;
/** A sequence longer than this is none: its ESC is dropped. */
const LONGEST = 4096;

export class Screen {
  constructor() {
    this.clear();
  }

  clear() {
    this.lines = [[]];
    this.row = 0;
    this.column = 0;
    this.gone = 0;
    this.rest = "";
    this.style = { bold: false, dim: false, colour: null };
    this.changed = new Set([0]);
  }

  isEmpty() {
    return this.gone === 0 && this.lines.length === 1 && this.lines[0].length === 0;
  }

  /** Takes a chunk of output; a sequence cut in two waits for its end. */
  feed(chunk) {
    let text = this.rest + chunk;
    this.rest = "";
    while (text !== "") {
      const escape = text.indexOf("\x1b");
      this.print(escape < 0 ? text : text.slice(0, escape));
      if (escape < 0) return;
      text = text.slice(escape);
      const length = this.escape(text);
      if (length === 0) {
        this.rest = text;
        return;
      }
      text = text.slice(length);
    }
  }

  /** Which lines are new or other since this was asked last, by their number since the beginning. */
  takeChanged() {
    const changed = [...this.changed].filter((line) => line >= this.gone);
    this.changed.clear();
    return changed;
  }

  /** Obeys or drops the sequence at the start; how long it was, 0 if its end has not come yet. */
  escape(text) {
    const csi = CSI.exec(text);
    if (csi) {
      this.control(csi[1], csi[2]);
      return csi[0].length;
    }
    const dropped = OSC.exec(text) ?? OTHER.exec(text);
    if (dropped) return dropped[0].length;
    return isBegun(text) ? 0 : 1;
  }

  control(parameters, final) {
    const count = Number.parseInt(parameters, 10);
    if (final === "m") this.colours(parameters);
    else if (final === "A") this.row = Math.max(0, this.row - (count || 1));
    else if (final === "G") this.column = Math.max(0, (count || 1) - 1);
    else if (final === "K") this.eraseInLine(count || 0);
    else if (final === "J") this.eraseInScreen(count || 0);
  }

  colours(parameters) {
    for (const code of parameters.split(";").map(Number)) {
      if (code === 0) this.style = { bold: false, dim: false, colour: null };
      else if (code === 1) this.style = { ...this.style, bold: true };
      else if (code === 2) this.style = { ...this.style, dim: true };
      else if (code === 22) this.style = { ...this.style, bold: false, dim: false };
      else if (code === 39) this.style = { ...this.style, colour: null };
      else if (code >= 30 && code <= 37) this.style = { ...this.style, colour: code - 30 };
      else if (code >= 90 && code <= 97) this.style = { ...this.style, colour: code - 82 };
      else if (code === 38 || code === 48) return; // colours of 256 and of 24 bits: dropped with their numbers
    }
  }

  print(text) {
    for (const character of text) {
      if (character === "\n") this.newLine();
      else if (character === "\r") this.column = 0;
      else if (character === "\b") this.column = Math.max(0, this.column - 1);
      else if (character === "\t") this.column = (Math.floor(this.column / 8) + 1) * 8;
      else if (character >= " " && character !== "\x7f") this.put(character);
    }
  }

  newLine() {
    this.row += 1;
    this.column = 0;
    if (this.row === this.lines.length) this.lines.push([]);
    this.mark(this.row);
    if (this.lines.length > KEPT) {
      this.lines.shift();
      this.row -= 1;
      this.gone += 1;
    }
  }

  put(character) {
    const line = this.lines[this.row];
    while (line.length < this.column) line.push({ character: " ", names: "" });
    line[this.column] = { character, names: this.names() };
    this.column += 1;
    this.mark(this.row);
  }

  names() {
    const { bold, dim, colour } = this.style;
    return [bold && "t-bold", dim && "t-dim", colour !== null && `t-${colour}`].filter(Boolean).join(" ");
  }

  /** 0: from here to the end; 1: from the start to here; 2: the whole line. */
  eraseInLine(which) {
    const line = this.lines[this.row];
    if (which === 1) line.fill({ character: " ", names: "" }, 0, Math.min(line.length, this.column + 1));
    else line.length = which === 2 ? 0 : Math.min(line.length, this.column);
    this.mark(this.row);
  }

  /** 0: from here down; 1: from the top to here; 2: everything. */
  eraseInScreen(which) {
    this.eraseInLine(which);
    const [from, to] = [which === 0 ? this.row + 1 : 0, which === 1 ? this.row : this.lines.length];
    for (let row = from; row < to; row += 1) {
      if (which === 2 || row !== this.row) this.lines[row] = [];
      this.mark(row);
    }
  }

  mark(row) {
    this.changed.add(row + this.gone);
  }
}

/** Whether a sequence has begun that more output may end. */
function isBegun(text) {
  if (text.length > LONGEST) return false;
  return /^\x1b(\[[\x30-\x3f]*[\x20-\x2f]*|\][^\x07\x1b]*\x1b?|[\x20-\x2f]*)$/.test(text);
}

/** The runs of a line: neighbours drawn alike are one text. */
export function runs(cells) {
  const found = [];
  for (const { character, names } of cells) {
    const last = found.at(-1);
    if (last && last.names === names) last.text += character;
    else found.push({ names, text: character });
  }
  return found;
}
