import type { AttachmentEvent } from './attachment/events.js';
import type { HoldingEvent } from './holding/events.js';
import type { OversightEvent } from './oversight/events.js';
import type { ProjectEvent } from './project/events.js';
import type { RuleEvent } from './rules/events.js';
import type { SubmissionEvent } from './submission/events.js';

/** Everything the log can hold. A new kind of event is added here, in event-codec.ts and in the projections. */
export type LedgerEvent = MoneyEvent | OversightEvent | AttachmentEvent;

/** What is about money, projects and the rules over them: everything but the audit of those who look. */
export type MoneyEvent = HoldingEvent | ProjectEvent | SubmissionEvent | RuleEvent;

export type LedgerEventType = LedgerEvent['type'];
