# shellcheck shell=bash
block 'dvorik demo'
shop_in_telegram
block 'export DVORIK_BOTS__CUSTOMER__TOKEN='
block serve
anna_owns_the_shop
block 'dvorik campaign create'
head -c 5 door.pdf | grep -q '^%PDF-'

# A subscriber of 18 to 34 years, who has redeemed a code.
telegram '{"do": "starts", "bot": "shop_bot", "person": 501}'
telegram '{"do": "follows", "channel": "@your_channel", "person": 501}'
becomes_true telegram '{"do": "presses", "bot": "shop_bot", "person": 501, "caption": "Check subscription"}'
code() { CODE=$(dvorik discount list --json | jq -er '.items[0].code'); }
becomes_true code
dvorik user edit @masha_k --birthday 03.02.2002
dvorik discount redeem "$CODE"
block 'dvorik discount issue'
block 'dvorik message edit'
block 'dvorik segment preview'
block 'dvorik broadcast test'
block 'TOKEN='
# shellcheck disable=SC2153 # `code` sets it
dvorik discount show "$CODE" --json | jq -e '.status == "redeemed"'
