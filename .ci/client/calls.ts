// Calls that must compile, and calls that must not, against the types of openapi-typescript and the client of @hey-api.
import type { components, paths } from "./openapi-typescript/schema";
import { discountsIssue, usersList } from "./hey-api";
import type { IssueBody, Problem } from "./hey-api";

type Issue = paths["/api/v1/discounts"]["post"]["requestBody"]["content"]["application/json"];

export const byName: Issue = { user_id: 1, template_name: "manual_10", notify: false };
export const byId: IssueBody = { user_id: 1, template_id: 1 };
// @ts-expect-error: a code is issued to a customer
export const toNobody: Issue = { template_name: "manual_10" };
// @ts-expect-error: a code is issued of a template
export const ofNothing: IssueBody = { user_id: 1 };

export function firstName(page: components["schemas"]["Page_UserBody"]): string | null | undefined {
    return page.items[0]?.first_name;
}

export async function tell(): Promise<string> {
    const issued = await discountsIssue({ body: byId });
    const page = await usersList({ query: { per_page: 1 } });
    const problem: Problem | undefined = issued.error;
    return problem?.next_date ?? issued.data?.discount.status ?? String(page.data?.total);
}
