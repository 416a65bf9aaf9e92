# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_dvorik_global_optspecs
    string join \n c/config= json csv q/quiet v/verbose color= lang= no-input h/help V/version
end

function __fish_dvorik_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_dvorik_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_dvorik_using_subcommand
    set -l cmd (__fish_dvorik_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c dvorik -n "__fish_dvorik_needs_command" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_needs_command" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_needs_command" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_needs_command" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_needs_command" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_needs_command" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_needs_command" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_needs_command" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_needs_command" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_needs_command" -s V -l version -d 'Print the version'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "init" -d 'Make a configuration and a database'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "serve" -d 'Run the bots and deliver'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "demo" -d 'Open the whole shop as a page in a browser: built-in Telegram, no tokens'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "migrate" -d 'Create or migrate the database'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "user" -d 'Customers'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "cashier" -d 'Cashiers: requests and approval'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "admin" -d 'Admins: approval, roles, login'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "token" -d 'Tokens of scripts for the API'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "template" -d 'Discount templates'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "discount" -d 'Discounts: issue, check, redeem, revoke'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "segment" -d 'Segments: saved filters of customers'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "broadcast" -d 'Broadcasts'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "campaign" -d 'Campaigns and their links'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "message" -d 'Texts the bots say'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "export" -d 'Export customers, discounts or redemptions as CSV'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "import" -d 'Take customers from a file that export wrote'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "stats" -d 'Figures'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "doctor" -d 'Look everything over: configuration, files, database, bots, channel, clock, backups'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "status" -d 'The state of the shop on one screen'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "bot" -d 'The shop\'s bots'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "webhook" -d 'Webhooks: where Telegram pushes updates to'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "audit" -d 'Log of changes'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "order" -d 'Orders'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "outbox" -d 'Messages to people: what did not arrive and what still waits'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "report" -d 'Weekly report'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "job" -d 'Jobs: what the shop does by itself'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "settings" -d 'Settings of the shop'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "backup" -d 'Backups of the database: make, check, restore'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "completions" -d 'Completions for a shell'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "man" -d 'Manual pages'
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l timezone -d 'The shop\'s time zone: Asia/Vladivostok' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l currency -d 'Currency: a code of three letters' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l channel -d 'The shop\'s channel: @name or number' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l support-contact -d 'Whom customers may write to: @name, a phone or an address' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l name -d 'The shop\'s name, if the machine has several: the service dvorik@NAME' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l from -d 'Make the shop from an encrypted copy, on a new machine' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l key-file -d 'File with the key AGE-SECRET-KEY-…; without it the key is asked for' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l force -d 'Replace an existing configuration'
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l owner-link -d 'Print a link for the owner and do not wait until it is opened'
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l systemd -d 'Make the shop a systemd service (as root)'
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l now -d 'Start the service at once, without a question'
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l listen -d 'Address and port of HTTP, such as 127.0.0.1:8000; port 0 = any free one' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l migrate -d 'Migrate the database first'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l no-bots -d 'Talk to no bot'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l no-scheduler -d 'Do no jobs by schedule: cron does'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l polling -d 'Poll for updates whatever the configuration says'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l webhook -d 'Take updates through webhooks, whatever the config says'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l until-stdin-ends -d 'For a process that starts a daemon of its own: the daemon ends with that process, however it ends'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l scenario -d 'The scenario [one of: happy] [default: happy]' -r -f -a "happy\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l seed -d 'What chooses the people and their history: the same number, the same people [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l port -d 'The port of the page; with --terminal and --headless the port of the built-in Telegram' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l at -d 'When the clock of the shop starts, by its own time: 2026-12-01 14:05; else today at 14:05' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l keep -d 'An empty directory in which the shop is left' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l terminal -d 'Type in the terminal what the people of the shop do'
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l headless -d 'Play a scenario and print what everybody did and saw'
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l no-open -d 'Do not open a browser'
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand migrate" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand migrate" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand migrate" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand migrate" -l status -d 'Only show what is pending'
complete -c dvorik -n "__fish_dvorik_using_subcommand migrate" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand migrate" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand migrate" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand migrate" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand migrate" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand migrate" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -f -a "list" -d 'List customers'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -f -a "show" -d 'Show a customer'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -f -a "edit" -d 'Change a customer; an empty value clears'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -f -a "block" -d 'Block: the bot and the counter refuse'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -f -a "unblock" -d 'Unblock'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -f -a "tag" -d 'Add and remove tags: user tag @masha vip --remove old'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -f -a "message" -d 'Write to one customer'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -f -a "erase" -d 'Erase everything personal for ever; asks for the name to be typed'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show edit block unblock tag message erase export" -f -a "export" -d 'Everything known about a person, as JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l search -d 'Part of a name, a @username or a phone' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l gender -d 'Gender [one of: male, female]' -r -f -a "male\t''
female\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l age -d 'Age: 25..35, 25.., ..35; nobody without a birthday' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l tag -d 'With any of these tags, separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l not-tag -d 'Without these tags' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l source -d 'What brought them: direct, a campaign key; any of several separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l campaign -d 'Came by the link of a campaign: its key' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l registered -d 'When they registered: 2026-11-01..2026-11-30' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l birthday-month -d 'Month of birth: 1–12' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l birthday-within -d 'Birthday today or within so many days: 7d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l redeemed-within -d 'Redeemed within so many days: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l not-redeemed-within -d 'Did not redeem within so many days, or never: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l redemptions -d 'How many times they redeemed: 1..3' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l inactive -d 'Not seen for so many days: 60d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l status -d 'Only in this state [one of: active, blocked]' -r -f -a "active\t''
blocked\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l filter -d 'A filter in JSON instead of other flags: dvorik segment keys' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l sort -d 'Order: a field, "-" in front for descending [one of: id, -id, name, -name, last_activity_at, -last_activity_at]' -r -f -a "id\t''
-id\t''
name\t''
-name\t''
last_activity_at\t''
-last_activity_at\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l all -d 'Everybody; in an audience all but those the shop has blocked'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l subscribed -d 'Subscribers of the channel'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l not-subscribed -d 'Not subscribed'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l has-discount -d 'With a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l no-discount -d 'Without a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from show" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from show" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from show" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from show" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from show" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from show" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -l birthday -d 'Date of birth: 03.02.2002' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -l phone -d 'Phone' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -l gender -d 'Gender [one of: male, female, unknown]' -r -f -a "male\t''
female\t''
unknown\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -l status -d 'active or blocked [one of: active, blocked]' -r -f -a "active\t''
blocked\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from block" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from block" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from block" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from block" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from block" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from block" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from block" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from block" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from block" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from block" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from block" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from block" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from unblock" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from unblock" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from unblock" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from unblock" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from unblock" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from unblock" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from unblock" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from unblock" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from unblock" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from unblock" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from unblock" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from unblock" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from tag" -l remove -d 'Tags to remove, with commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from tag" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from tag" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from tag" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from tag" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from tag" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from tag" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from tag" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from tag" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from tag" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from tag" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from tag" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from tag" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -l text -d 'Text in Telegram\'s HTML' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -l text-file -d 'File with the text; "-" = standard input' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from message" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from erase" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from erase" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from erase" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from erase" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from erase" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from erase" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from erase" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from erase" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from erase" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from erase" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from erase" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from erase" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from export" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from export" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from export" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from export" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from export" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from export" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from export" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -f -a "list" -d 'List cashiers and requests'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -f -a "show" -d 'Show a cashier'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -f -a "approve" -d 'Let somebody work at the counter'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -f -a "decline" -d 'Decline a request'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -f -a "suspend" -d 'Take the counter away'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -f -a "activate" -d 'Let work at the counter again'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -f -a "edit" -d 'Rename a cashier'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list show approve decline suspend activate edit invite" -f -a "invite" -d 'Link and QR code that make a person a cashier, for 30 minutes'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -l status -d 'Only in this state [one of: requested, active, suspended, declined]' -r -f -a "requested\t''
active\t''
suspended\t''
declined\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -l sort -d 'Order: a field, "-" in front for descending' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from show" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from show" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from show" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from show" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from show" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from show" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l name -d 'Name at the counter' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from decline" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from decline" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from decline" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from decline" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from decline" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from decline" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from decline" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from decline" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from decline" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from decline" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from decline" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from decline" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from suspend" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from suspend" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from suspend" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from suspend" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from suspend" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from suspend" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from suspend" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from suspend" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from suspend" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from suspend" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from suspend" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from suspend" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from activate" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from activate" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from activate" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from activate" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from activate" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from activate" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from activate" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from activate" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from activate" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from activate" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from activate" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from activate" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from edit" -l name -d 'Name at the counter' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from edit" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from edit" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from edit" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from edit" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from edit" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from edit" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from edit" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from edit" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from edit" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from invite" -l name -d 'Name at the counter' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from invite" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from invite" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from invite" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from invite" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from invite" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from invite" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from invite" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from invite" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from invite" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -f -a "list" -d 'List admins'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -f -a "show" -d 'Show an admin'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -f -a "approve" -d 'Make an admin of somebody who asked'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -f -a "decline" -d 'Decline a request'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -f -a "edit" -d 'Change role, name and notices'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -f -a "disable" -d 'Disable an admin'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -f -a "enable" -d 'Enable an admin again'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -f -a "login" -d 'One-time login token, for 10 minutes'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and not __fish_seen_subcommand_from list show approve decline edit disable enable login invite" -f -a "invite" -d 'Link and QR code that make a person an admin, for 30 minutes'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -l sort -d 'Order: a field, "-" in front for descending' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from show" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from show" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from show" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from show" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from show" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -l name -d 'Name' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -l role -d 'Role; readonly without it [one of: owner, marketing, readonly]' -r -f -a "owner\t''
marketing\t''
readonly\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -l notify -d 'What to tell of, with commas: errors, broadcasts, cashier_logs, orders, settings, reports; empty = nothing' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -l chat-broadcast -d 'Broadcasts from the chat [one of: on, off]' -r -f -a "on\t''
off\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from approve" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from decline" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from decline" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from decline" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from decline" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from decline" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from decline" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from decline" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from decline" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from decline" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from decline" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from decline" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from decline" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -l name -d 'Name' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -l role -d 'Role [one of: owner, marketing, readonly]' -r -f -a "owner\t''
marketing\t''
readonly\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -l notify -d 'What to tell of, with commas: errors, broadcasts, cashier_logs, orders, settings, reports; empty = nothing' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -l chat-broadcast -d 'Broadcasts from the chat [one of: on, off]' -r -f -a "on\t''
off\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from disable" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from disable" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from disable" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from disable" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from disable" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from disable" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from disable" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from disable" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from enable" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from enable" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from enable" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from enable" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from enable" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from enable" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from enable" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from enable" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from enable" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from login" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from login" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from login" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from login" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from login" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from login" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from login" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from login" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from login" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from invite" -l role -d 'Role: owner, marketing or readonly [one of: owner, marketing, readonly] [default: readonly]' -r -f -a "owner\t''
marketing\t''
readonly\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from invite" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from invite" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from invite" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from invite" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from invite" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from invite" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from invite" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from invite" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand admin; and __fish_seen_subcommand_from invite" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -f -a "create" -d 'Make a token; it is shown once'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -f -a "list" -d 'List tokens'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -f -a "revoke" -d 'Take a token out of use'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from create" -l scope -d 'What it may, with commas: stats:read, redeem' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from create" -l expires -d 'It ends after so many days: 90d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from create" -l days -d 'It ends after so many days' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from create" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from create" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from create" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from create" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from create" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from create" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -l sort -d 'Order: a field, "-" in front for descending' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from revoke" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from revoke" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from revoke" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from revoke" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from revoke" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from revoke" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from revoke" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from revoke" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand token; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -f -a "list" -d 'List templates'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -f -a "show" -d 'Show a template'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -f -a "create" -d 'Make a template'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -f -a "edit" -d 'Change a template; codes already issued stay as they are'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -f -a "enable" -d 'Switch a template on'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list show create edit enable disable" -f -a "disable" -d 'Switch a template off'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from show" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from show" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from show" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from show" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from show" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -l title -d 'Title people read' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -l value -d 'Value: 15% or a sum, 300' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -l event -d 'On which occasion [one of: subscription, birthday, manual, campaign, reminder, winback] [default: manual]' -r -f -a "subscription\t''
birthday\t''
manual\t''
campaign\t''
reminder\t''
winback\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -l days -d 'How many days a code lasts [default: 7]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -l recurrence -d 'How often for one customer: none, monthly, yearly, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -l remind -d 'Reminders with commas: 7 = after the issue, -2 = before the end; none' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -l usage -d 'single = once, shared = any number of times [one of: single, shared]' -r -f -a "single\t''
shared\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -l message -d 'Key of the text that brings the code; none' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -l title -d 'Title people read' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -l value -d 'Value: 15% or a sum, 300' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -l event -d 'On which occasion [one of: subscription, birthday, manual, campaign, reminder, winback]' -r -f -a "subscription\t''
birthday\t''
manual\t''
campaign\t''
reminder\t''
winback\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -l days -d 'How many days a code lasts' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -l recurrence -d 'How often for one customer: none, monthly, yearly, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -l remind -d 'Reminders with commas: 7 = after the issue, -2 = before the end; none' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -l usage -d 'single = once, shared = any number of times [one of: single, shared]' -r -f -a "single\t''
shared\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -l message -d 'Key of the text that brings the code; none' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from enable" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from enable" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from enable" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from enable" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from enable" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from enable" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from enable" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from enable" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from enable" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from disable" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from disable" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from disable" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from disable" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from disable" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from disable" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from disable" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from disable" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -f -a "issue" -d 'Issue a discount to a customer, a segment or everybody who fits'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -f -a "list" -d 'List discounts'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -f -a "show" -d 'Show a discount'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -f -a "check" -d 'Check a code as at the counter'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -f -a "redeem" -d 'Redeem a code'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -f -a "undo" -d 'Take a redemption back'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -f -a "revoke" -d 'Take a code back'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -f -a "extend" -d 'Move the last day of a live code'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue list show check redeem undo revoke extend qr" -f -a "qr" -d 'QR code of a discount, as the customer has it'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l template -d 'Discount template' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l segment -d 'To everybody in a segment: name or number' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l gender -d 'Gender [one of: male, female]' -r -f -a "male\t''
female\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l age -d 'Age: 25..35, 25.., ..35; nobody without a birthday' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l tag -d 'With any of these tags, separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l not-tag -d 'Without these tags' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l source -d 'What brought them: direct, a campaign key; any of several separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l campaign -d 'Came by the link of a campaign: its key' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l registered -d 'When they registered: 2026-11-01..2026-11-30' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l birthday-month -d 'Month of birth: 1–12' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l birthday-within -d 'Birthday today or within so many days: 7d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l redeemed-within -d 'Redeemed within so many days: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l not-redeemed-within -d 'Did not redeem within so many days, or never: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l redemptions -d 'How many times they redeemed: 1..3' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l inactive -d 'Not seen for so many days: 60d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l status -d 'Only in this state [one of: active, blocked]' -r -f -a "active\t''
blocked\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l filter -d 'A filter in JSON instead of other flags: dvorik segment keys' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l all -d 'Everybody; in an audience all but those the shop has blocked'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l subscribed -d 'Subscribers of the channel'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l not-subscribed -d 'Not subscribed'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l has-discount -d 'With a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l no-discount -d 'Without a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l no-notify -d 'Do not tell the customer'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l user -d 'Of this customer only' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l template -d 'Of this template only' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l status -d 'Only in this state [one of: active, redeemed, expired, revoked]' -r -f -a "active\t''
redeemed\t''
expired\t''
revoked\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l sort -d 'Order: a field, "-" in front for descending [one of: id, -id, expires_at, -expires_at]' -r -f -a "id\t''
-id\t''
expires_at\t''
-expires_at\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from show" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from show" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from show" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from show" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from show" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from show" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from check" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from check" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from check" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from check" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from check" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from check" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from check" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -l cashier -d 'Who redeems: id, tg:123, @name or the name; without it, you' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -l amount -d 'Sum of the receipt' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from undo" -l reason -d 'Reason, for the log' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from undo" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from undo" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from undo" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from undo" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from undo" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from undo" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from undo" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from undo" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from undo" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from undo" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from undo" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from undo" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l reason -d 'Reason, for the log' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l notify -d 'Tell the customer'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from extend" -l until -d 'Last day' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from extend" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from extend" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from extend" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from extend" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from extend" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from extend" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from extend" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from extend" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from extend" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from extend" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from extend" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from extend" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from qr" -s o -l output -d 'File: .svg, .png or .pdf; without it, the screen' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from qr" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from qr" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from qr" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from qr" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from qr" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from qr" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from qr" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from qr" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from qr" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from qr" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -f -a "list" -d 'List segments'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -f -a "show" -d 'Show a segment and how many people are in it'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -f -a "create" -d 'Make a segment: a name and filters'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -f -a "edit" -d 'Change a segment; filters that are named replace the whole filter'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -f -a "delete" -d 'Delete a segment'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -f -a "preview" -d 'How many people fit, who is left out of a broadcast and why, some of them'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and not __fish_seen_subcommand_from list show create edit delete preview keys" -f -a "keys" -d 'All keys of a filter with examples'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -l sort -d 'Order: a field, "-" in front for descending' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from show" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from show" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from show" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from show" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from show" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l gender -d 'Gender [one of: male, female]' -r -f -a "male\t''
female\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l age -d 'Age: 25..35, 25.., ..35; nobody without a birthday' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l tag -d 'With any of these tags, separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l not-tag -d 'Without these tags' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l source -d 'What brought them: direct, a campaign key; any of several separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l campaign -d 'Came by the link of a campaign: its key' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l registered -d 'When they registered: 2026-11-01..2026-11-30' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l birthday-month -d 'Month of birth: 1–12' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l birthday-within -d 'Birthday today or within so many days: 7d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l redeemed-within -d 'Redeemed within so many days: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l not-redeemed-within -d 'Did not redeem within so many days, or never: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l redemptions -d 'How many times they redeemed: 1..3' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l inactive -d 'Not seen for so many days: 60d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l status -d 'Only in this state [one of: active, blocked]' -r -f -a "active\t''
blocked\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l filter -d 'A filter in JSON instead of other flags: dvorik segment keys' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l all -d 'Everybody; in an audience all but those the shop has blocked'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l subscribed -d 'Subscribers of the channel'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l not-subscribed -d 'Not subscribed'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l has-discount -d 'With a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l no-discount -d 'Without a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l menu -d 'Offer it in the chat broadcast'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l name -d 'The new name' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l gender -d 'Gender [one of: male, female]' -r -f -a "male\t''
female\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l age -d 'Age: 25..35, 25.., ..35; nobody without a birthday' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l tag -d 'With any of these tags, separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l not-tag -d 'Without these tags' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l source -d 'What brought them: direct, a campaign key; any of several separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l campaign -d 'Came by the link of a campaign: its key' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l registered -d 'When they registered: 2026-11-01..2026-11-30' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l birthday-month -d 'Month of birth: 1–12' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l birthday-within -d 'Birthday today or within so many days: 7d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l redeemed-within -d 'Redeemed within so many days: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l not-redeemed-within -d 'Did not redeem within so many days, or never: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l redemptions -d 'How many times they redeemed: 1..3' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l inactive -d 'Not seen for so many days: 60d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l status -d 'Only in this state [one of: active, blocked]' -r -f -a "active\t''
blocked\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l filter -d 'A filter in JSON instead of other flags: dvorik segment keys' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l all -d 'Everybody; in an audience all but those the shop has blocked'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l subscribed -d 'Subscribers of the channel'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l not-subscribed -d 'Not subscribed'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l has-discount -d 'With a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l no-discount -d 'Without a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l menu -d 'Offer it in the chat broadcast'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l no-menu -d 'Do not offer it in the chat broadcast'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from delete" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from delete" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from delete" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from delete" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from delete" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from delete" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from delete" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l gender -d 'Gender [one of: male, female]' -r -f -a "male\t''
female\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l age -d 'Age: 25..35, 25.., ..35; nobody without a birthday' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l tag -d 'With any of these tags, separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l not-tag -d 'Without these tags' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l source -d 'What brought them: direct, a campaign key; any of several separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l campaign -d 'Came by the link of a campaign: its key' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l registered -d 'When they registered: 2026-11-01..2026-11-30' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l birthday-month -d 'Month of birth: 1–12' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l birthday-within -d 'Birthday today or within so many days: 7d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l redeemed-within -d 'Redeemed within so many days: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l not-redeemed-within -d 'Did not redeem within so many days, or never: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l redemptions -d 'How many times they redeemed: 1..3' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l inactive -d 'Not seen for so many days: 60d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l status -d 'Only in this state [one of: active, blocked]' -r -f -a "active\t''
blocked\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l filter -d 'A filter in JSON instead of other flags: dvorik segment keys' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l sample -d 'How many people to show [default: 10]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l all -d 'Everybody; in an audience all but those the shop has blocked'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l subscribed -d 'Subscribers of the channel'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l not-subscribed -d 'Not subscribed'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l has-discount -d 'With a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l no-discount -d 'Without a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from preview" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from keys" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from keys" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from keys" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from keys" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from keys" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from keys" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from keys" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from keys" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from keys" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from keys" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand segment; and __fish_seen_subcommand_from keys" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "list" -d 'List broadcasts'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "show" -d 'Show a broadcast'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "create" -d 'Write a draft'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "edit" -d 'Edit a draft'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "estimate" -d 'How many get it, who does not, how long it takes'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "test" -d 'Show the broadcast to one admin'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "send" -d 'Send now and watch'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "schedule" -d 'Give it a time'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "unschedule" -d 'Back to the drafts'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "pause" -d 'Hold it'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "resume" -d 'Go on'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "cancel" -d 'Cancel: who has not got it will not'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "status" -d 'How far it is'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "report" -d 'What a broadcast brought, who got it and who did not'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "retry-failed" -d 'Send again to those who failed'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "resend-unknown" -d 'Send again where the fate is unknown'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "recall" -d 'Delete delivered messages younger than 48 hours'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and not __fish_seen_subcommand_from list show create edit estimate test send schedule unschedule pause resume cancel status report retry-failed resend-unknown recall correct" -f -a "correct" -d 'Correct the text of delivered messages'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -l status -d 'Only in this state [one of: draft, scheduled, sending, paused, sent, error, canceled]' -r -f -a "draft\t''
scheduled\t''
sending\t''
paused\t''
sent\t''
error\t''
canceled\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -l origin -d 'Only from there: admin, chat, job [one of: admin, chat, job]' -r -f -a "admin\t''
chat\t''
job\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -l sort -d 'Order: a field, "-" in front for descending' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from show" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from show" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from show" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from show" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from show" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from show" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l text -d 'Text in Telegram\'s HTML' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l text-file -d 'File with the text; "-" = standard input' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l photo -d 'A picture from a file, up to 10 MB' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l video -d 'A video from a file, up to 50 MB' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l document -d 'A file, up to 50 MB' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l media-id -d 'A file_id of Telegram instead of a file' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l button -d 'A button with a link: "Menu=https://example.org"' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l segment -d 'Segment: name or number' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l users -d 'People: numbers, tg:123, @names' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l gender -d 'Gender [one of: male, female]' -r -f -a "male\t''
female\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l age -d 'Age: 25..35, 25.., ..35; nobody without a birthday' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l tag -d 'With any of these tags, separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l not-tag -d 'Without these tags' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l source -d 'What brought them: direct, a campaign key; any of several separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l campaign -d 'Came by the link of a campaign: its key' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l registered -d 'When they registered: 2026-11-01..2026-11-30' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l birthday-month -d 'Month of birth: 1–12' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l birthday-within -d 'Birthday today or within so many days: 7d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l redeemed-within -d 'Redeemed within so many days: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l not-redeemed-within -d 'Did not redeem within so many days, or never: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l redemptions -d 'How many times they redeemed: 1..3' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l inactive -d 'Not seen for so many days: 60d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l status -d 'Only in this state [one of: active, blocked]' -r -f -a "active\t''
blocked\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l filter -d 'A filter in JSON instead of other flags: dvorik segment keys' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l template -d 'Discount template' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l all -d 'Everybody; in an audience all but those the shop has blocked'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l subscribed -d 'Subscribers of the channel'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l not-subscribed -d 'Not subscribed'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l has-discount -d 'With a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l no-discount -d 'Without a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l title -d 'New title' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l text -d 'Text in Telegram\'s HTML' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l text-file -d 'File with the text; "-" = standard input' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l photo -d 'A picture from a file, up to 10 MB' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l video -d 'A video from a file, up to 50 MB' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l document -d 'A file, up to 50 MB' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l media-id -d 'A file_id of Telegram instead of a file' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l button -d 'A button with a link: "Menu=https://example.org"' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l segment -d 'Segment: name or number' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l users -d 'People: numbers, tg:123, @names' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l gender -d 'Gender [one of: male, female]' -r -f -a "male\t''
female\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l age -d 'Age: 25..35, 25.., ..35; nobody without a birthday' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l tag -d 'With any of these tags, separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l not-tag -d 'Without these tags' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l source -d 'What brought them: direct, a campaign key; any of several separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l campaign -d 'Came by the link of a campaign: its key' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l registered -d 'When they registered: 2026-11-01..2026-11-30' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l birthday-month -d 'Month of birth: 1–12' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l birthday-within -d 'Birthday today or within so many days: 7d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l redeemed-within -d 'Redeemed within so many days: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l not-redeemed-within -d 'Did not redeem within so many days, or never: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l redemptions -d 'How many times they redeemed: 1..3' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l inactive -d 'Not seen for so many days: 60d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l status -d 'Only in this state [one of: active, blocked]' -r -f -a "active\t''
blocked\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l filter -d 'A filter in JSON instead of other flags: dvorik segment keys' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l template -d 'Discount template' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l no-media -d 'Without media'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l no-buttons -d 'Without buttons'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l all -d 'Everybody; in an audience all but those the shop has blocked'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l subscribed -d 'Subscribers of the channel'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l not-subscribed -d 'Not subscribed'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l has-discount -d 'With a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l no-discount -d 'Without a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l no-template -d 'Without a discount'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from estimate" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from estimate" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from estimate" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from estimate" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from estimate" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from estimate" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from estimate" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from estimate" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from estimate" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from estimate" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from test" -l to -d 'Admin: number, tg:123, @name' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from test" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from test" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from test" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from test" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from test" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from test" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from test" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from test" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from test" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from send" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from send" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from send" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from send" -l detach -d 'Do not watch'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from send" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from send" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from send" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from send" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from send" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from send" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from send" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from send" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from send" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from schedule" -l at -d 'The shop\'s time: "2026-12-01 10:00"' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from schedule" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from schedule" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from schedule" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from schedule" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from schedule" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from schedule" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from schedule" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from schedule" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from schedule" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from schedule" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from schedule" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from schedule" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from unschedule" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from unschedule" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from unschedule" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from unschedule" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from unschedule" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from unschedule" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from unschedule" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from unschedule" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from unschedule" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from unschedule" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from unschedule" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from unschedule" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from pause" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from pause" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from pause" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from pause" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from pause" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from pause" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from pause" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from pause" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from pause" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from pause" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from pause" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from pause" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resume" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resume" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resume" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resume" -l detach -d 'Do not watch'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resume" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resume" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resume" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resume" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resume" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resume" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resume" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resume" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from cancel" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from cancel" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from cancel" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from cancel" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from cancel" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from cancel" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from cancel" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from cancel" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from cancel" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from cancel" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from status" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from status" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from status" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from status" -l follow -d 'Watch to the end'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from status" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from status" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from status" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from status" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -l state -d 'Only in this state, one by one: sent, failed, unknown, skipped, queued, sending [one of: queued, sending, sent, failed, unknown, skipped]' -r -f -a "queued\t''
sending\t''
sent\t''
failed\t''
unknown\t''
skipped\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -l failed -d 'Who it could not be delivered to and why, one by one'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from report" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -l class -d 'Classes of failures: rejected, not_found… [one of: blocked, gone, never_started, chat_gone, not_found, bad_message, bad_media, rejected, server_restart]' -r -f -a "blocked\t''
gone\t''
never_started\t''
chat_gone\t''
not_found\t''
bad_message\t''
bad_media\t''
rejected\t''
server_restart\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -l detach -d 'Do not watch'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from retry-failed" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resend-unknown" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resend-unknown" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resend-unknown" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resend-unknown" -l detach -d 'Do not watch'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resend-unknown" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resend-unknown" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resend-unknown" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resend-unknown" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resend-unknown" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resend-unknown" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resend-unknown" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resend-unknown" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from resend-unknown" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from recall" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from recall" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from recall" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from recall" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from recall" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from recall" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from recall" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from recall" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from recall" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from recall" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from recall" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from recall" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -l text -d 'Text in Telegram\'s HTML' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -l text-file -d 'File with the text; "-" = standard input' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand broadcast; and __fish_seen_subcommand_from correct" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -f -a "create" -d 'Make a campaign'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -f -a "list" -d 'List campaigns'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -f -a "show" -d 'Show a campaign'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -f -a "edit" -d 'Change the name and discount of a campaign'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -f -a "stats" -d 'What a campaign brought'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -f -a "link" -d 'Link of a campaign'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list show edit stats link qr" -f -a "qr" -d 'QR code of the link'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l key -d 'Key of the link: a-z, 0-9 and "-"' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l template -d 'Template of the discount that the link itself gives' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -l sort -d 'Order: a field, "-" in front for descending' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from show" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from show" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from show" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from show" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from show" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from edit" -l name -d 'Name' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from edit" -l template -d 'Template of the discount the link gives; none = none' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from edit" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from edit" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from edit" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from edit" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from edit" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from edit" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from edit" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from edit" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from stats" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from stats" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from stats" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from stats" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from stats" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from stats" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from stats" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from stats" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from stats" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from stats" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from link" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from link" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from link" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from link" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from link" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from link" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from link" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from link" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from link" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from qr" -s o -l output -d 'File: .svg, .png or .pdf; without it, the screen' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from qr" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from qr" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from qr" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from qr" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from qr" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from qr" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from qr" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from qr" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from qr" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -f -a "list" -d 'All texts'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -f -a "show" -d 'Show a text'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -f -a "edit" -d 'Change a text'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -f -a "reset" -d 'Go back to the original text'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -f -a "preview" -d 'Show what a person would read'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -f -a "check" -d 'Would Telegram take it: one text or all'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -f -a "language" -d 'Change the language of the bots: your own texts stay'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -f -a "export" -d 'All texts as one TOML file'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and not __fish_seen_subcommand_from list show edit reset preview check language export import" -f -a "import" -d 'Take the texts of a file: all of them, or none if one is faulty'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from show" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from show" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from show" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from show" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from show" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from edit" -l text -d 'Text in Telegram\'s HTML' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from edit" -l text-file -d 'File with the text; "-" = standard input' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from edit" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from edit" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from edit" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from edit" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from edit" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from edit" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from edit" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from edit" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from reset" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from reset" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from reset" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from reset" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from reset" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from reset" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from reset" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from reset" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from reset" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from reset" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from preview" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from preview" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from preview" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from preview" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from preview" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from preview" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from preview" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from preview" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from preview" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from check" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from check" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from check" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from check" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from check" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from check" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from language" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from language" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from language" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from language" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from language" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from language" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from language" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from language" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from language" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from language" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from language" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from export" -s o -l output -d 'File; - is stdout [default: -]' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from export" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from export" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from export" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from export" -l custom -d 'Only your own texts'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from export" -l force -d 'Replace an existing file'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from export" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from export" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from export" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from import" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from import" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from import" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from import" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from import" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from import" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from import" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from import" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand message; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and not __fish_seen_subcommand_from users discounts usage" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and not __fish_seen_subcommand_from users discounts usage" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and not __fish_seen_subcommand_from users discounts usage" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and not __fish_seen_subcommand_from users discounts usage" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and not __fish_seen_subcommand_from users discounts usage" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and not __fish_seen_subcommand_from users discounts usage" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and not __fish_seen_subcommand_from users discounts usage" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and not __fish_seen_subcommand_from users discounts usage" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and not __fish_seen_subcommand_from users discounts usage" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and not __fish_seen_subcommand_from users discounts usage" -f -a "users" -d 'Customers'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and not __fish_seen_subcommand_from users discounts usage" -f -a "discounts" -d 'Discounts'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and not __fish_seen_subcommand_from users discounts usage" -f -a "usage" -d 'Attempts at the counter'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l search -d 'Part of a name, @name or phone' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l gender -d 'Gender [one of: male, female]' -r -f -a "male\t''
female\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l age -d 'Age: 25..35, 25.., ..35; nobody without a birthday' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l tag -d 'With any of these tags, separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l not-tag -d 'Without these tags' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l source -d 'What brought them: direct, a campaign key; any of several separated by commas' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l campaign -d 'Came by the link of a campaign: its key' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l registered -d 'When they registered: 2026-11-01..2026-11-30' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l birthday-month -d 'Month of birth: 1–12' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l birthday-within -d 'Birthday today or within so many days: 7d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l redeemed-within -d 'Redeemed within so many days: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l not-redeemed-within -d 'Did not redeem within so many days, or never: 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l redemptions -d 'How many times they redeemed: 1..3' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l inactive -d 'Not seen for so many days: 60d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l status -d 'Only in this state [one of: active, blocked]' -r -f -a "active\t''
blocked\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l filter -d 'A filter in JSON instead of other flags: dvorik segment keys' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -s o -l output -d 'File; - is stdout [default: -]' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l format -d 'Shape: csv or jsonl [one of: csv, jsonl]' -r -f -a "csv\t''
jsonl\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l all -d 'Everybody; in an audience all but those the shop has blocked'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l subscribed -d 'Subscribers of the channel'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l not-subscribed -d 'Not subscribed'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l has-discount -d 'With a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l no-discount -d 'Without a discount that works'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l excel -d 'CSV with semicolons, for a Russian Excel'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l force -d 'Replace an existing file'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from users" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l user -d 'Of this customer only' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l template -d 'Of this template only' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l status -d 'Only in this state [one of: active, redeemed, expired, revoked]' -r -f -a "active\t''
redeemed\t''
expired\t''
revoked\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -s o -l output -d 'File; - is stdout [default: -]' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l format -d 'Shape: csv or jsonl [one of: csv, jsonl]' -r -f -a "csv\t''
jsonl\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l excel -d 'CSV with semicolons, for a Russian Excel'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l force -d 'Replace an existing file'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from discounts" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -l status -d 'What became of them [one of: checked, success, already_used, not_found, expired, revoked, cashier_not_active, customer_blocked, locked_out, repeated, undone]' -r -f -a "checked\t''
success\t''
already_used\t''
not_found\t''
expired\t''
revoked\t''
cashier_not_active\t''
customer_blocked\t''
locked_out\t''
repeated\t''
undone\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -l cashier -d 'Of this cashier only' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -s o -l output -d 'File; - is stdout [default: -]' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -l format -d 'Shape: csv or jsonl [one of: csv, jsonl]' -r -f -a "csv\t''
jsonl\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -l excel -d 'CSV with semicolons, for a Russian Excel'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -l force -d 'Replace an existing file'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand export; and __fish_seen_subcommand_from usage" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and not __fish_seen_subcommand_from users" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and not __fish_seen_subcommand_from users" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and not __fish_seen_subcommand_from users" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and not __fish_seen_subcommand_from users" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and not __fish_seen_subcommand_from users" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and not __fish_seen_subcommand_from users" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and not __fish_seen_subcommand_from users" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and not __fish_seen_subcommand_from users" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and not __fish_seen_subcommand_from users" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and not __fish_seen_subcommand_from users" -f -a "users" -d 'Customers from CSV or JSON lines. People are known by telegram_id and is_test. If a single row is wrong, nothing is written. Who follows the channel is not taken from the file: only Telegram says so; the source of people already known stays, whoever was erased on request is not brought back'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -l on-conflict -d 'What becomes of those who are there already: skip leaves them as they are, update replaces their data by what the file says (empty cells erase nothing), fail writes nobody [one of: skip, update, fail] [default: skip]' -r -f -a "skip\t''
update\t''
fail\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -l map -d 'What a column of another program\'s file holds: "Given Name=first_name". May be given several times; columns that neither --map nor an export has are then left out' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -l test-data -d 'Take test people; without it, real ones'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand import; and __fish_seen_subcommand_from users" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -l from -d 'From this day' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -l to -d 'Up to and including this day' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -l by -d 'Group the figures by time or by source, where customers came from; funnel takes source only [one of: day, week, month, hour, weekday, source]' -r -f -a "day\t''
week\t''
month\t''
hour\t''
weekday\t''
source\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand doctor" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand doctor" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand doctor" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand doctor" -l offline -d 'Do not ask Telegram'
complete -c dvorik -n "__fish_dvorik_using_subcommand doctor" -l deep -d 'Read every page of the database, also of a large one'
complete -c dvorik -n "__fish_dvorik_using_subcommand doctor" -l fix -d 'Take the rights to read the shop\'s files away from others'
complete -c dvorik -n "__fish_dvorik_using_subcommand doctor" -l strict -d 'Let warnings fail, too'
complete -c dvorik -n "__fish_dvorik_using_subcommand doctor" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand doctor" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand doctor" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand doctor" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand doctor" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand status" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand status" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand status" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand status" -l ready -d 'Ask the running dvorik serve whether the shop is ready: exit code 0 or 1'
complete -c dvorik -n "__fish_dvorik_using_subcommand status" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand status" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand status" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand status" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand status" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand status" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and not __fish_seen_subcommand_from list sync" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and not __fish_seen_subcommand_from list sync" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and not __fish_seen_subcommand_from list sync" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and not __fish_seen_subcommand_from list sync" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and not __fish_seen_subcommand_from list sync" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and not __fish_seen_subcommand_from list sync" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and not __fish_seen_subcommand_from list sync" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and not __fish_seen_subcommand_from list sync" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and not __fish_seen_subcommand_from list sync" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and not __fish_seen_subcommand_from list sync" -f -a "list" -d 'List the bots'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and not __fish_seen_subcommand_from list sync" -f -a "sync" -d 'Ask Telegram for the bots\' names and register their menus of commands'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from sync" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from sync" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from sync" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from sync" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from sync" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from sync" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from sync" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from sync" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand bot; and __fish_seen_subcommand_from sync" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and not __fish_seen_subcommand_from set delete info" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and not __fish_seen_subcommand_from set delete info" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and not __fish_seen_subcommand_from set delete info" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and not __fish_seen_subcommand_from set delete info" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and not __fish_seen_subcommand_from set delete info" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and not __fish_seen_subcommand_from set delete info" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and not __fish_seen_subcommand_from set delete info" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and not __fish_seen_subcommand_from set delete info" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and not __fish_seen_subcommand_from set delete info" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and not __fish_seen_subcommand_from set delete info" -f -a "set" -d 'Have updates pushed here'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and not __fish_seen_subcommand_from set delete info" -f -a "delete" -d 'Remove the webhook without losing updates'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and not __fish_seen_subcommand_from set delete info" -f -a "info" -d 'Show where Telegram pushes to and how that goes'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from set" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from set" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from set" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from set" -s y -l yes -d 'Even if the configuration says polling'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from set" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from set" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from set" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from delete" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from delete" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from delete" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from delete" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from delete" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from delete" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from info" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from info" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from info" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from info" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from info" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from info" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from info" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from info" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from info" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from info" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand webhook; and __fish_seen_subcommand_from info" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and not __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and not __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and not __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and not __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and not __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and not __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and not __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and not __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and not __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and not __fish_seen_subcommand_from list" -f -a "list" -d 'Who changed what'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -l actor -d 'By whom: cli:root, admin:1' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -l entity -d 'About what: user, setting, discount' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -l action -d 'Action: update_setting' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -l sort -d 'Order: a field, "-" in front for descending' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -s f -l follow -d 'Stay and show what is new'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand audit; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and not __fish_seen_subcommand_from list edit" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and not __fish_seen_subcommand_from list edit" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and not __fish_seen_subcommand_from list edit" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and not __fish_seen_subcommand_from list edit" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and not __fish_seen_subcommand_from list edit" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and not __fish_seen_subcommand_from list edit" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and not __fish_seen_subcommand_from list edit" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and not __fish_seen_subcommand_from list edit" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and not __fish_seen_subcommand_from list edit" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and not __fish_seen_subcommand_from list edit" -f -a "list" -d 'List orders'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and not __fish_seen_subcommand_from list edit" -f -a "edit" -d 'Change the state of an order'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -l status -d 'Only in this state [one of: draft, processing, created, canceled]' -r -f -a "draft\t''
processing\t''
created\t''
canceled\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -l sort -d 'Order: a field, "-" in front for descending' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from edit" -l status -d 'New state [one of: draft, processing, created, canceled]' -r -f -a "draft\t''
processing\t''
created\t''
canceled\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from edit" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from edit" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from edit" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from edit" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from edit" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from edit" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from edit" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from edit" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand order; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and not __fish_seen_subcommand_from list retry" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and not __fish_seen_subcommand_from list retry" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and not __fish_seen_subcommand_from list retry" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and not __fish_seen_subcommand_from list retry" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and not __fish_seen_subcommand_from list retry" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and not __fish_seen_subcommand_from list retry" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and not __fish_seen_subcommand_from list retry" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and not __fish_seen_subcommand_from list retry" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and not __fish_seen_subcommand_from list retry" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and not __fish_seen_subcommand_from list retry" -f -a "list" -d 'List messages that are not delivered; with --state sent, those that are'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and not __fish_seen_subcommand_from list retry" -f -a "retry" -d 'Send again what did not arrive; texts are kept for a week'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -l state -d 'Only in this state: queued, sending, sent, failed, unknown [one of: queued, sending, sent, failed, unknown]' -r -f -a "queued\t''
sending\t''
sent\t''
failed\t''
unknown\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -l sort -d 'Order: a field, "-" in front for descending [one of: -created_at, created_at]' -r -f -a "-created_at\t''
created_at\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from retry" -l state -d 'All messages in this state: unknown = nobody knows whether they arrived, failed = Telegram refused them [one of: failed, unknown]' -r -f -a "failed\t''
unknown\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from retry" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from retry" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from retry" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from retry" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from retry" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from retry" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from retry" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from retry" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from retry" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from retry" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from retry" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand outbox; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and not __fish_seen_subcommand_from send preview" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and not __fish_seen_subcommand_from send preview" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and not __fish_seen_subcommand_from send preview" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and not __fish_seen_subcommand_from send preview" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and not __fish_seen_subcommand_from send preview" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and not __fish_seen_subcommand_from send preview" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and not __fish_seen_subcommand_from send preview" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and not __fish_seen_subcommand_from send preview" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and not __fish_seen_subcommand_from send preview" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and not __fish_seen_subcommand_from send preview" -f -a "send" -d 'Send last week\'s report to the admins now'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and not __fish_seen_subcommand_from send preview" -f -a "preview" -d 'Show last week\'s report'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from send" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from send" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from send" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from send" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from send" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from send" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from send" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from send" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from send" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from preview" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from preview" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from preview" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from preview" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from preview" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from preview" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from preview" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from preview" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand report; and __fish_seen_subcommand_from preview" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and not __fish_seen_subcommand_from list run crontab" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and not __fish_seen_subcommand_from list run crontab" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and not __fish_seen_subcommand_from list run crontab" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and not __fish_seen_subcommand_from list run crontab" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and not __fish_seen_subcommand_from list run crontab" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and not __fish_seen_subcommand_from list run crontab" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and not __fish_seen_subcommand_from list run crontab" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and not __fish_seen_subcommand_from list run crontab" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and not __fish_seen_subcommand_from list run crontab" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and not __fish_seen_subcommand_from list run crontab" -f -a "list" -d 'List jobs: when they ran, how they ended, when they are due'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and not __fish_seen_subcommand_from list run crontab" -f -a "run" -d 'Do a job now, unless it has been done for today'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and not __fish_seen_subcommand_from list run crontab" -f -a "crontab" -d 'Lines for a crontab, where dvorik serve does not always run'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from run" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from run" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from run" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from run" -l due -d 'Only if it is due by schedule; for cron'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from run" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from run" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from run" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from run" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from crontab" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from crontab" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from crontab" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from crontab" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from crontab" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from crontab" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from crontab" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from crontab" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand job; and __fish_seen_subcommand_from crontab" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set unset" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set unset" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set unset" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set unset" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set unset" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set unset" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set unset" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set unset" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set unset" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set unset" -f -a "list" -d 'All settings'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set unset" -f -a "get" -d 'Show a setting'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set unset" -f -a "set" -d 'Change a setting'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set unset" -f -a "unset" -d 'Go back to the default'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from get" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from get" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from get" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from get" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from get" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from get" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from unset" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from unset" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from unset" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from unset" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from unset" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from unset" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from unset" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from unset" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from unset" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from unset" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from unset" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -s o -l output -d 'File or directory to write to; without it, the backup directory' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -f -a "create" -d 'Make a backup and check it'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -f -a "list" -d 'List backups'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -f -a "verify" -d 'Check a backup'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -f -a "drill" -d 'Restore a copy beside the backups, check it and compare it with the database; nothing stays'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -f -a "restore" -d 'Put a backup in the place of the database'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -f -a "prune" -d 'Remove old backups as backup.keep_daily and backup.keep_weekly say'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify drill restore prune key" -f -a "key" -d 'Make the key of the encrypted copies and show it once'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from create" -s o -l output -d 'File or directory to write to; without it, the backup directory' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from create" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from create" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from create" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from create" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from create" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from create" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -l until -d 'Up to and including a date' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -l sort -d 'Order: a field, "-" in front for descending' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from verify" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from verify" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from verify" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from verify" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from verify" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from verify" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from drill" -l litestream -d 'Litestream\'s configuration file: Litestream restores its copy (the program $LITESTREAM, or litestream)' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from drill" -l file -d 'A file without .json beside it: of litestream restore or sqlite3 .backup' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from drill" -l max-behind -d 'How far behind the copy may be; without it 86400, for Litestream 60' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from drill" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from drill" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from drill" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from drill" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from drill" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from drill" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from drill" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from drill" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from drill" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -l key-file -d 'File with the key AGE-SECRET-KEY-…, if the backup is encrypted; without it the key is asked for' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -l bare -d 'A file without .json beside it: of litestream restore or sqlite3 .backup'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -l void-live -d 'Revoke every code that is active in the backup: when the replaced database cannot be read, redeemed ones would work again'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from prune" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from prune" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from prune" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from prune" -s n -l dry-run -d 'Only show what would change'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Do not ask for confirmation'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from prune" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from prune" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from prune" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from key" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from key" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from key" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from key" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from key" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from key" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from key" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from key" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from key" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand completions" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand completions" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand completions" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand completions" -l dynamic -d 'Ask the program itself: it knows templates, campaigns, cashiers'
complete -c dvorik -n "__fish_dvorik_using_subcommand completions" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand completions" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand completions" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand completions" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand completions" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand completions" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand man" -s o -l output -d 'Directory to write them to' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand man" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand man" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand man" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand man" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand man" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand man" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand man" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand man" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand man" -s h -l help -d 'Print help'
