/**
 * OpenTelemetry metrics over HTTP, as JSON. Source: opentelemetry-proto, metrics/v1/metrics.proto; OTLP specification, "OTLP/HTTP"
 * and "JSON Protobuf Encoding".
 */
import { z } from 'zod'
import type { Secret } from '../../../model/secret.ts'
import type { Family, Sample } from '../family.ts'
import { notTaken, type Pushed } from './pushed.ts'
import { type ReceiverSettings, send } from './send.ts'

export interface OtlpSettings extends ReceiverSettings {
  readonly headers: Readonly<Record<string, Secret>>
}

export interface OtlpFacts {
  readonly version: string
  readonly host: string
  readonly now: Date
  /** Since when what only grows is counted. */
  readonly since: Date
}

/**
 * Families as one request. Samples that have a label `job`, which names a job of Muster, are of a resource without a service name:
 * Prometheus makes that the label `job`, over whatever was there. Of the others it is `muster`, as where Muster is scraped.
 */
export function otlpBody(families: readonly Family[], facts: OtlpFacts): string {
  const own = families.map((family) => only(family, ({ labels }) => labels.job === undefined))
  const ofJobs = families.map((family) => only(family, ({ labels }) => labels.job !== undefined))
  const instance = attribute('service.instance.id', facts.host)
  const scope = { name: 'muster', version: facts.version }
  const resource = (attributes: readonly unknown[], of: readonly Family[]) => ({
    resource: { attributes },
    scopeMetrics: [{ scope, metrics: of.flatMap((family) => metricOf(family, facts)) }],
  })
  return JSON.stringify({
    resourceMetrics: [
      resource([attribute('service.name', 'muster'), instance, attribute('service.version', facts.version)], own),
      resource([instance], ofJobs),
    ].filter(({ scopeMetrics }) => scopeMetrics[0]?.metrics.length !== 0),
  })
}

const only = (family: Family, which: (sample: Sample) => boolean): Family => ({
  ...family,
  samples: family.samples.filter(which),
})

function metricOf({ name, help, type, samples }: Family, { now, since }: OtlpFacts): unknown[] {
  const times = { timeUnixNano: nanos(now), ...(type === 'counter' && { startTimeUnixNano: nanos(since) }) }
  const dataPoints = samples
    .filter(({ value }) => Number.isFinite(value))
    .map(({ labels, value }) => ({
      ...times,
      attributes: Object.entries(labels).map(([key, label]) => attribute(key, label)),
      asDouble: value,
    }))
  if (dataPoints.length === 0) return []
  const named = { name, description: help }
  return type === 'counter'
    ? [{ ...named, sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } }]
    : [{ ...named, gauge: { dataPoints } }]
}

const attribute = (key: string, text: string) => ({ key, value: { stringValue: text.toWellFormed() } })

/** As text: larger than numbers of JSON are exact. */
const nanos = (at: Date): string => `${at.getTime()}000000`

const Answer = z.object({
  partialSuccess: z.object({ rejectedDataPoints: z.coerce.number().optional(), errorMessage: z.string().optional() }),
})

/** Never throws. */
export async function postOtlp(settings: OtlpSettings, body: string, signal: AbortSignal): Promise<Pushed> {
  const sent = await send(
    settings,
    {
      url: settings.url,
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...settings.headers },
      inconsistent: 'Look at what it answered: it takes no such metrics, or not as JSON.',
    },
    signal,
  )
  if (!sent.ok) return sent
  const parsed = Answer.safeParse(jsonOf(sent.answer.replace(/^HTTP \d+ /, '')))
  const { rejectedDataPoints = 0, errorMessage = '' } = parsed.data?.partialSuccess ?? {}
  if (rejectedDataPoints === 0) return sent
  return {
    ...notTaken(
      'push.partial',
      'later',
      `The receiver left out ${rejectedDataPoints} of the figures: ${errorMessage}`,
      'Look at its log.',
    ),
    answer: sent.answer,
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
