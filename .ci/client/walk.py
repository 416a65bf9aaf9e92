"""A till written with nothing but the client that openapi-python-client generates: it logs in, lists customers, issues a
code, redeems it, is refused at a second till, and fetches the export. Arguments: the address of the shop, a one-time login token, a service
token with the scope `redeem`."""

import sys
from http import HTTPStatus

from dvorik_client import AuthenticatedClient, Client
from dvorik_client.api.auth import auth_log_in
from dvorik_client.api.discounts import discounts_issue, discounts_redeem
from dvorik_client.api.export import export_discounts
from dvorik_client.api.health import health_readyz
from dvorik_client.api.settings import settings_list
from dvorik_client.api.users import users_list, users_one
from dvorik_client.models import (
    DiscountStatus,
    ErrorCode,
    IssueByTemplateName,
    IssuedBody,
    LoggedIn,
    OneTimeToken,
    PageUserBody,
    Problem,
    RedeemBody,
    RedeemedBody,
    RoleWord,
    UserWhole,
)


def main(address: str, token: str, script: str) -> None:
    stranger = Client(base_url=address)
    refused = users_list.sync_detailed(client=AuthenticatedClient(base_url=address, token="wrong"))
    assert refused.status_code == HTTPStatus.UNAUTHORIZED, refused
    assert refused.headers["WWW-Authenticate"] == "Bearer", refused.headers
    assert refused.headers["X-Request-Id"], refused.headers

    login = auth_log_in.sync(client=stranger, body=OneTimeToken(token=token))
    assert isinstance(login, LoggedIn) and login.admin.role is RoleWord.OWNER, login
    client = AuthenticatedClient(base_url=address, token=login.access_token)

    page = users_list.sync(client=client, per_page=1)
    assert isinstance(page, PageUserBody) and page.total == 2 and len(page.items) == 1, page
    user = page.items[0]

    wanted = IssueByTemplateName(user_id=user.id, template_name="manual_10", notify=False)
    issued = discounts_issue.sync_detailed(client=client, body=wanted)
    assert issued.status_code == HTTPStatus.CREATED, issued
    assert isinstance(issued.parsed, IssuedBody) and issued.parsed.discount.status is DiscountStatus.ACTIVE, issued
    code = issued.parsed.discount.code

    redeemed = discounts_redeem.sync(client=client, body=RedeemBody(code=code.lower(), amount=150_000))
    assert isinstance(redeemed, RedeemedBody) and redeemed.changed, redeemed
    assert redeemed.discount.status is DiscountStatus.REDEEMED, redeemed
    whole = users_one.sync(user.id, client=client)
    assert isinstance(whole, UserWhole) and whole.discount_history[0].code == code, whole

    till = AuthenticatedClient(base_url=address, token=script)
    again = discounts_redeem.sync_detailed(client=till, body=RedeemBody(code=code))
    assert again.status_code == HTTPStatus.CONFLICT and isinstance(again.parsed, Problem), again
    assert again.parsed.code is ErrorCode.CODE_ALREADY_USED, again.parsed
    assert again.parsed.redeemed_at == redeemed.redeemed_at, again.parsed

    sheet = export_discounts.sync_detailed(client=client)
    assert sheet.status_code == HTTPStatus.OK and "attachment" in sheet.headers["Content-Disposition"], sheet
    assert isinstance(sheet.parsed, str) and code in sheet.parsed, sheet
    assert settings_list.sync_detailed(client=client).status_code == HTTPStatus.OK
    assert health_readyz.sync_detailed(client=stranger).parsed is not None


main(*sys.argv[1:])
