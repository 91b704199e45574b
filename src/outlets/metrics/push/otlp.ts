/**
 * OpenTelemetry metrics over HTTP, in the binary encoding: every receiver takes that, and not all take JSON. Source:
 * opentelemetry-proto, collector/metrics/v1/metrics_service.proto and metrics/v1/metrics.proto; OTLP specification, "OTLP/HTTP".
 */
import type { Secret } from '../../../model/secret.ts'
import type { Family, Sample } from '../family.ts'
import { double, type Field, fixed64, message, readFields, text, whole } from './protobuf.ts'
import type { Pushed } from './pushed.ts'
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
export function otlpBody(families: readonly Family[], facts: OtlpFacts): Uint8Array {
  const resource = (attributes: readonly Field[], which: (sample: Sample) => boolean): Field[] => {
    const metrics = families.flatMap((family) => metricOf(family, family.samples.filter(which), facts))
    const scope = message(1, [text(1, 'muster'), text(2, facts.version)])
    return metrics.length === 0 ? [] : [message(1, [message(1, attributes), message(2, [scope, ...metrics])])]
  }
  const instance = attribute(1, 'service.instance.id', facts.host)
  const own = [attribute(1, 'service.name', 'muster'), instance, attribute(1, 'service.version', facts.version)]
  return Buffer.concat([
    ...resource(own, ({ labels }) => labels.job === undefined),
    ...resource([instance], ({ labels }) => labels.job !== undefined),
  ])
}

const cumulative = 2

function metricOf({ name, help, type }: Family, samples: readonly Sample[], { now, since }: OtlpFacts): Field[] {
  const times = [...(type === 'counter' ? [fixed64(2, nanos(since))] : []), fixed64(3, nanos(now))]
  const points = samples
    .filter(({ value }) => Number.isFinite(value))
    .map(({ labels, value }) =>
      message(1, [
        ...times,
        double(4, value),
        ...Object.entries(labels).map(([key, label]) => attribute(7, key, label)),
      ]),
    )
  if (points.length === 0) return []
  const data = type === 'counter' ? message(7, [...points, whole(2, cumulative), whole(3, 1)]) : message(5, points)
  return [message(2, [text(1, name), text(2, help), data])]
}

const attribute = (number: number, key: string, value: string): Field =>
  message(number, [text(1, key), message(2, [text(1, value)])])

const nanos = (at: Date): bigint => BigInt(at.getTime()) * 1_000_000n

/** Never throws. */
export const postOtlp = (settings: OtlpSettings, body: Uint8Array, signal: AbortSignal): Promise<Pushed> =>
  send(
    settings,
    {
      url: settings.url,
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-protobuf', ...settings.headers },
      leftOut,
    },
    signal,
  )

/** What a receiver that took the rest left out, in its words. */
export function leftOut(answer: Uint8Array): string | undefined {
  const partial = readFields(answer)?.get(1)
  const fields = partial instanceof Uint8Array ? readFields(partial) : undefined
  const [points, why] = [fields?.get(1), fields?.get(2)]
  if (typeof points !== 'number' || points === 0) return undefined
  return `${points} of the figures${why instanceof Uint8Array ? `: ${new TextDecoder().decode(why)}` : ''}`
}
