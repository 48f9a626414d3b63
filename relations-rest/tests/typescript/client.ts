// A client whose types are made of the OpenAPI document of the example shop_api.

import type { components, paths } from "./api";

type Schemas = components["schemas"];
type Orders = paths["/orders"]["get"]["responses"]["200"]["content"]["application/json"];

// Rows with what they include, to any depth.
export function lines(orders: Orders): string[] {
  return orders.flatMap((order) => {
    const name: string | undefined = order.customer?.name;
    const lines = Array.isArray(order.lines) ? order.lines : [];
    return lines.map((line) => `${name}: ${line.quantity} x ${line.product?.name}`);
  });
}

// A whole row has all of its properties.
export function words(order: Schemas["Order"]): string {
  const status: "open" | "shipped" = order.status;
  const note: string | null = order.note;
  return `${order.id + order.version} ${status} ${note}`;
}

// Filters, with relations in conditions and scopes.
export const filter: Schemas["OrderFilter"] = {
  where: {
    status: "open",
    customer: { name: { like: "A%" } },
    lines: { any: { quantity: { between: [1, 5] } }, count: { lt: 10 } },
    or: [{ id: 7 }, { not: { note: null } }],
  },
  order: ["customer.name DESC"],
  include: ["customer", { relation: "lines", scope: { limit: 3, include: ["product"] } }],
  limit: 20,
};

// A new row with nested ones.
export const order: Schemas["NewOrder"] = {
  status: "open",
  customer: { name: "Mia" },
  lines: [{ number: 1, product_id: 1, quantity: 3 }],
};

export async function load(base: string): Promise<Orders> {
  const answer = await fetch(`${base}/orders?filter=${encodeURIComponent(JSON.stringify(filter))}`);
  if (!answer.ok) {
    const problem = (await answer.json()) as Schemas["Problem"];
    throw new Error(`${problem.code}: ${problem.detail} ${problem.pointer ?? ""}`);
  }
  return (await answer.json()) as Orders;
}

// Each of these is a mistake:
// @ts-expect-error There is no such property.
export const property: Schemas["OrderFilter"] = { where: { quantty: 1 } };
// @ts-expect-error It is not a number.
export const type: Schemas["OrderFilter"] = { where: { status: 1 } };
// @ts-expect-error It is not a word of the enum.
export const word: Schemas["OrderPatch"] = { status: "lost" };
// @ts-expect-error There is no such operator.
export const operator: Schemas["OrderFilter"] = { where: { id: { regexp: "a" } } };
// @ts-expect-error Its customer has no such property.
export const related: Schemas["OrderFilter"] = { where: { customer: { nme: "Ada" } } };
// @ts-expect-error The tenant is not set by clients.
export const tenant: Schemas["NewOrder"] = { status: "open", customer_id: 1, shop_id: 2 };
export const customer = (order: Orders[number]) =>
  // @ts-expect-error An included row has no such property.
  order.customer?.nme;
