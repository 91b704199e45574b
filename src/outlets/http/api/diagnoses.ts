/** Alerts that were looked into, with all that was found. */
import { z } from '@hono/zod-openapi'
import { intakeWays } from '../../../model/alert.ts'
import {
  causes,
  diagnosisOutcomes,
  diagnosisStates,
  partKinds,
  partStates,
  soundness,
} from '../../../model/diagnosis.ts'
import { Count, Instant, Problem } from './common.ts'

const Alert = z.strictObject({
  fingerprint: z.string(),
  status: z.enum(['firing', 'resolved']),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  startsAt: Instant,
  endsAt: Instant.optional(),
  generatorURL: z.string().optional(),
  counts: z.boolean(),
  group: z.string(),
  way: z.enum(intakeWays),
  receivedAt: Instant,
  truncated: Count,
  externalURL: z.string().optional(),
})

const Part = z.strictObject({
  kind: z.enum(partKinds),
  name: z.string(),
  title: z.string().optional(),
  node: z.string().optional(),
  plan: z.string().optional(),
  repository: z.string().optional(),
  state: z.enum(partStates),
  at: Instant.optional(),
  since: Instant.optional(),
  lastGood: Instant.optional(),
  errors: Count.optional(),
  message: z.string().optional(),
  problem: Problem.optional(),
  source: z.enum(['alert', 'ledger', 'redis', 'probe']),
})

const Probe = z.strictObject({
  repository: z.string(),
  part: z.string().optional(),
  soundness: z.enum(soundness),
  snapshots: Count.optional(),
  newestAt: Instant.optional(),
  problem: Problem.optional(),
  words: z.string().optional(),
  exitCode: z.int().optional(),
  way: z.string(),
  tookMs: Count,
})

export const Diagnosis = z
  .strictObject({
    id: z.string(),
    group: z.string(),
    openedAt: Instant,
    dueAt: Instant,
    state: z.enum(diagnosisStates),
    attempts: Count,
    alerts: z.array(Alert),
    doneAt: Instant.optional(),
    finding: z
      .strictObject({
        outcome: z.enum(diagnosisOutcomes),
        cause: z.enum(causes),
        evidence: z.array(z.strictObject({ text: z.string(), source: z.enum(['alert', 'ledger', 'redis', 'probe']) })),
        next: z.string(),
        plans: z.array(
          z.strictObject({
            id: z.string(),
            name: z.string().optional(),
            schedule: z.string().optional(),
            enabled: z.boolean().optional(),
            repository: z.string().optional(),
          }),
        ),
        parts: z.array(Part),
        probes: z.array(Probe),
      })
      .optional(),
  })
  .openapi('Diagnosis')
