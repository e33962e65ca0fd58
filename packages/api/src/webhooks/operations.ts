import { WEBHOOK_EVENTS } from "@bee/core";
import { DELIVERY_STATES, type Webhook, type WebhookDelivery, type WebhookSecret } from "@bee/store";
import * as z from "zod";
import type { Json, Operation } from "../openapi/operation.ts";
import { count, moment, nextCursor, uuid } from "../openapi/scalars.ts";
import { deliveriesQuery } from "./delivery-handlers.ts";
import { webhookRequestSchema, webhooksQuery } from "./handlers.ts";

const events = z.array(z.enum(WEBHOOK_EVENTS));

const webhook = z.object({
  id: uuid,
  keyId: uuid.describe("Whose jobs it is told of."),
  url: z.string(),
  events,
  createdAt: moment,
  failures: count.describe("Tries in a row that it did not take."),
  failure: z.string().nullable().describe("What came of the last of these."),
  disabledAt: moment
    .nullable()
    .describe("Since when nothing is sent there, because it took nothing for a day or answered 410."),
});
const webhookSchema: z.ZodType<Json<Webhook>> = webhook.meta({ id: "Webhook" });
const newWebhookSchema = webhook
  .extend({ secret: z.string().describe("Shown in this answer only.") })
  .meta({ id: "NewWebhook" });

const secretSchema: z.ZodType<Json<WebhookSecret>> = z
  .object({ secret: z.string(), createdAt: moment })
  .meta({ id: "WebhookSecret" });

const deliverySchema: z.ZodType<Json<WebhookDelivery>> = z
  .object({
    id: uuid.describe("The `webhook-id` of each of its tries."),
    keyId: uuid,
    webhookId: uuid.nullable().describe("Null where a job named the address."),
    jobId: uuid.nullable().describe("Null of alerts."),
    type: z.enum(WEBHOOK_EVENTS),
    url: z.string(),
    state: z.enum(DELIVERY_STATES),
    tries: count,
    createdAt: moment,
    triedAt: moment.nullable(),
    nextTryAt: moment.nullable().describe("Of one that waits."),
    status: z.int().nullable().describe("What the last try was answered; null where there was no answer."),
    failure: z.string().nullable().describe("Why it is not delivered."),
  })
  .meta({ id: "WebhookDelivery" });

const group = "Webhooks";

export const WEBHOOK_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "GET", path: "/v1/webhooks", group, access: "key" },
    summary: "List webhooks, the newest first",
    query: webhooksQuery,
    answers: { 200: z.object({ webhooks: z.array(webhookSchema), nextCursor }) },
  },
  {
    ...{ method: "POST", path: "/v1/webhooks", group, access: "key" },
    summary: "Register an address that is told of events",
    description: "Without `events` it is told of the ends of jobs; alerts are for operators.",
    body: webhookRequestSchema.meta({ id: "WebhookRequest" }),
    answers: { 201: newWebhookSchema },
    problems: ["invalid-url", "address-not-allowed", "conflict"],
  },
  {
    ...{ method: "DELETE", path: "/v1/webhooks/:id", group, access: "key" },
    summary: "Delete a webhook, with its deliveries",
    answers: { 204: null },
  },
  {
    ...{ method: "POST", path: "/v1/webhooks/:id/enable", group, access: "key" },
    summary: "Let a webhook that was disabled be told again",
    answers: { 200: webhookSchema },
  },
  {
    ...{ method: "GET", path: "/v1/webhooks/secret", group, access: "key" },
    summary: "Show what signs the messages to the `webhookUrl` of the key's jobs",
    answers: { 200: secretSchema },
  },
  {
    ...{ method: "POST", path: "/v1/webhooks/secret", group, access: "key" },
    summary: "Replace that secret",
    answers: { 200: secretSchema },
  },
  {
    ...{ method: "GET", path: "/v1/webhooks/deliveries", group, access: "key" },
    summary: "List what was told and is to be told, the newest first",
    query: deliveriesQuery,
    answers: { 200: z.object({ deliveries: z.array(deliverySchema), nextCursor }) },
  },
  {
    ...{ method: "POST", path: "/v1/webhooks/deliveries/:id/replay", group, access: "key" },
    summary: "Send a message again, under the same id",
    answers: { 200: deliverySchema },
    problems: ["conflict"],
  },
];
