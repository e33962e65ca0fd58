import type { ChannelSettings } from "@bee/core";
import type { Channel } from "./channel.ts";
import { emailChannel } from "./email.ts";
import { slackChannel, webhookChannel } from "./webhook.ts";

export function openChannel(settings: ChannelSettings): Channel {
  switch (settings.type) {
    case "webhook":
      return webhookChannel(settings);
    case "slack":
      return slackChannel(settings);
    case "email":
      return emailChannel(settings);
  }
}
