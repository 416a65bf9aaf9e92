-- The language in which the bots speak: meta.texts_lang. Every shop that was made before had Russian bots; a new shop
-- gets the language of its config when it is made.
INSERT INTO meta (key, value) SELECT 'texts_lang', 'ru' WHERE EXISTS (SELECT 1 FROM meta WHERE key = 'timezone');

-- The shop's own words that the last change of a text replaced: phones still show them on buttons, and a person who
-- presses such a button must be understood.
ALTER TABLE message_templates ADD COLUMN previous TEXT;
