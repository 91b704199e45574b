/** Whether people and receivers of metrics are told, and of what. */
import { z } from '@hono/zod-openapi'
import { alertFates, intakeWays } from '../../../model/alert.ts'
import { deliveryStates } from '../../../model/delivery.ts'
import { causes, diagnosisOutcomes } from '../../../model/diagnosis.ts'
import { incidentEvents, severities } from '../../../model/incident.ts'
import { pushTargets } from '../../../model/push.ts'
import { outcomes } from '../../../model/run.ts'
import { verdictStates } from '../../../model/verdict.ts'
import { Count, Instant, Problem } from './common.ts'

export const NotifierStanding = z
  .strictObject({
    name: z.string(),
    kind: z.string(),
    pending: Count,
    oldestPending: Instant.optional(),
    lastDelivered: Instant.optional(),
    lastDead: Instant.optional(),
    problem: Problem.optional(),
    totals: z.strictObject({ delivered: Count, dead: Count }),
  })
  .openapi('NotifierStanding')

export const PushStanding = z
  .strictObject({
    target: z.enum(pushTargets),
    pending: Count,
    oldestPending: Instant.optional(),
    refused: Count,
    oldestRefused: Instant.optional(),
    lastKept: Instant.optional(),
    problem: Problem.optional(),
    totals: z.strictObject({ kept: Count, refused: Count }),
  })
  .meta({ description: 'Whether metrics that are handed on arrive.' })
  .openapi('PushStanding')

export const HeartbeatStanding = z
  .strictObject({
    everyMs: Count,
    since: Instant,
    lastGood: Instant.optional(),
    problem: Problem.optional(),
  })
  .openapi('HeartbeatStanding')

const told = {
  kind: z.string(),
  name: z.string(),
  within: z.string().optional(),
  severity: z.enum(severities),
  reason: z.string(),
  next: z.string(),
  openedAt: Instant,
  since: Instant.optional(),
  lastGood: Instant.optional(),
  closedAt: Instant.optional(),
}

export const Incident = z
  .strictObject({ number: z.int(), key: z.string(), state: z.enum(verdictStates), ...told })
  .openapi('Incident')

export const DiagnosesStanding = z
  .strictObject({
    waiting: Count,
    open: z.array(Incident),
    totals: z.array(z.strictObject({ outcome: z.enum(diagnosisOutcomes), cause: z.enum(causes), diagnoses: Count })),
  })
  .meta({ description: 'What came of alerts that were told.' })
  .openapi('DiagnosesStanding')

export const InboxStanding = z
  .strictObject({
    totals: z.array(z.strictObject({ way: z.enum(intakeWays), fate: z.enum(alertFates), alerts: Count })),
    backlog: z.strictObject({ bodies: Count, bytes: Count }).optional(),
    alertmanager: z
      .strictObject({ since: Instant, lastGood: Instant.optional(), problem: Problem.optional() })
      .optional(),
  })
  .meta({ description: 'Alerts that come in, and whether the Alertmanager that is asked for them answers.' })
  .openapi('InboxStanding')

const Message = z
  .strictObject({
    kind: z.enum(['incidents', 'report', 'run', 'test', 'answer']),
    title: z.string(),
    severity: z.enum([...severities, 'good']),
    subject: z.string().optional(),
    entries: z.array(
      z.strictObject({ event: z.enum(incidentEvents), state: z.string(), changes: Count.optional(), ...told }),
    ),
    run: z
      .strictObject({
        id: z.string(),
        job: z.string(),
        repository: z.string(),
        event: z.enum(['began', 'ended']),
        ofJobs: z.int().optional(),
        outcome: z.enum(outcomes).optional(),
        exitCode: z.int().optional(),
      })
      .optional(),
    figures: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
    tables: z
      .array(
        z.strictObject({
          title: z.string(),
          columns: z.array(z.string()),
          rows: z.array(z.array(z.string())),
        }),
      )
      .optional(),
    log: z.string().optional(),
    link: z.string().optional(),
    host: z.string(),
    at: Instant,
  })
  .openapi('Message')

export const Delivery = z
  .strictObject({
    id: z.string(),
    notifier: z.string(),
    message: Message,
    madeAt: Instant,
    state: z.enum(deliveryStates),
    attempts: Count,
    refusals: Count.optional(),
    parts: z.array(z.string()).optional(),
    nextAt: Instant,
    answer: z.string().optional(),
    problem: Problem.optional(),
    doneAt: Instant.optional(),
    insteadOf: z.string().optional(),
  })
  .openapi('Delivery')
