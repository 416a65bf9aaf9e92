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
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "demo" -d 'Show the whole shop with a built-in Telegram, no tokens needed'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "migrate" -d 'Create or migrate the database'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "user" -d 'Customers'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "users" -d 'Which rows of a list whose rows may be test data'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "cashier" -d 'Cashiers: requests and approval'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "cashiers" -d 'Which rows of a list whose rows may be test data'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "template" -d 'Discount templates'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "templates" -d 'Which rows of a list'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "discount" -d 'Discounts: issue, check, redeem, revoke'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "campaign" -d 'Campaigns and their links'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "campaigns" -d 'Which rows of a list'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "settings" -d 'Settings of the shop'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "stats" -d 'Figures'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "doctor" -d 'Look everything over: configuration, files, database, bots, channel, clock, backups'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "status" -d 'The state of the shop on one screen'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "bot" -d 'The shop\'s bots'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "bots" -d 'Which rows of a list'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "webhook" -d 'Webhooks: where Telegram pushes updates to'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "backup" -d 'Backups of the database: make, check, restore'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "backups" -d 'Which rows of a list'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "completions" -d 'Completions for a shell'
complete -c dvorik -n "__fish_dvorik_needs_command" -f -a "man" -d 'Manual pages'
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand init" -l force -d 'Replace an existing configuration'
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
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l polling -d 'Poll for updates whatever the configuration says'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l webhook -d 'Take updates through webhooks, whatever the config says'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand serve" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l scenario -d 'The scenario [one of: happy] [default: happy]' -r -f -a "happy\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l seed -d 'What chooses the people: same number, same people [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand demo" -l headless -d 'Play a scenario and print what everybody did and saw'
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
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show" -f -a "list" -d 'List customers'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and not __fish_seen_subcommand_from list show" -f -a "show" -d 'Show a customer'
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand user; and __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
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
complete -c dvorik -n "__fish_dvorik_using_subcommand users" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand users" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand users" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand users" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand users" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand users" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand users" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand users" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand users" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand users" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand users" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand users" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list approve" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list approve" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list approve" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list approve" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list approve" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list approve" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list approve" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list approve" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list approve" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list approve" -f -a "list" -d 'List cashiers and requests'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and not __fish_seen_subcommand_from list approve" -f -a "approve" -d 'Let somebody work at the counter'
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
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l name -d 'Name at the counter' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashier; and __fish_seen_subcommand_from approve" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashiers" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand cashiers" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand cashiers" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand cashiers" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashiers" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand cashiers" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashiers" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashiers" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashiers" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashiers" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashiers" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand cashiers" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand template; and not __fish_seen_subcommand_from list" -f -a "list" -d 'List templates'
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
complete -c dvorik -n "__fish_dvorik_using_subcommand templates" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand templates" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand templates" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand templates" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand templates" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand templates" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand templates" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand templates" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand templates" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand templates" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand templates" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -f -a "issue" -d 'Issue a discount to a customer'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -f -a "show" -d 'Show a discount'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -f -a "check" -d 'Check a code as at the counter'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -f -a "redeem" -d 'Redeem a code'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and not __fish_seen_subcommand_from issue show check redeem revoke" -f -a "revoke" -d 'Take a code back'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l template -d 'Discount template' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l no-notify -d 'Do not tell the customer'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from issue" -s h -l help -d 'Print help'
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
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from redeem" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l reason -d 'Reason, for the log' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l test-data -d 'Show test data too'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand discount; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list" -f -a "create" -d 'Make a campaign'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and not __fish_seen_subcommand_from create list" -f -a "list" -d 'List campaigns'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l key -d 'Key of the link: a-z, 0-9 and "-"' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l template -d 'Template of the discount that the link itself gives' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaign; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
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
complete -c dvorik -n "__fish_dvorik_using_subcommand campaigns" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand campaigns" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand campaigns" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand campaigns" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaigns" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand campaigns" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaigns" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaigns" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaigns" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaigns" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand campaigns" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -f -a "list" -d 'All settings'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -f -a "get" -d 'Show a setting'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -f -a "set" -d 'Change a setting'
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
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand settings; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -l since -d 'From a date or for a span: 2026-11-01, 30d' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -l from -d 'From this day' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand stats" -l to -d 'Up to and including this day' -r
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
complete -c dvorik -n "__fish_dvorik_using_subcommand bots" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand bots" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand bots" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand bots" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand bots" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand bots" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand bots" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand bots" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand bots" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand bots" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand bots" -s h -l help -d 'Print help'
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
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -s o -l output -d 'File or directory to write to; without it, the backup directory' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -f -a "create" -d 'Make a backup and check it'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -f -a "list" -d 'List backups'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -f -a "verify" -d 'Check a backup'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -f -a "restore" -d 'Put a backup in the place of the database'
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and not __fish_seen_subcommand_from create list verify restore prune" -f -a "prune" -d 'Remove old backups as backup.keep_daily and backup.keep_weekly say'
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
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backup; and __fish_seen_subcommand_from restore" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
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
complete -c dvorik -n "__fish_dvorik_using_subcommand backups" -l limit -d 'Rows to show [default: 50]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand backups" -l page -d 'Page [default: 1]' -r
complete -c dvorik -n "__fish_dvorik_using_subcommand backups" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand backups" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backups" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand backups" -l json -d 'Answer in JSON'
complete -c dvorik -n "__fish_dvorik_using_subcommand backups" -l csv -d 'Lists in CSV'
complete -c dvorik -n "__fish_dvorik_using_subcommand backups" -s q -l quiet -d 'Ids and codes only'
complete -c dvorik -n "__fish_dvorik_using_subcommand backups" -s v -l verbose -d 'Say more; -vv even more'
complete -c dvorik -n "__fish_dvorik_using_subcommand backups" -l no-input -d 'Ask nothing'
complete -c dvorik -n "__fish_dvorik_using_subcommand backups" -s h -l help -d 'Print help'
complete -c dvorik -n "__fish_dvorik_using_subcommand completions" -s c -l config -d 'Configuration file' -r -F
complete -c dvorik -n "__fish_dvorik_using_subcommand completions" -l color -d 'Colour [one of: auto, always, never]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dvorik -n "__fish_dvorik_using_subcommand completions" -l lang -d 'Language [one of: ru, en]' -r -f -a "ru\t''
en\t''"
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
