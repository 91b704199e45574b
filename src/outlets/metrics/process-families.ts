/** Metrics of the process under the names that prom-client gives everybody, as families for our own writer. */
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Family } from './family.ts'

let registry: Registry | undefined

/** One registry a process: its collectors watch the event loop and the garbage collector from then on. */
function processRegistry(): Registry {
  if (registry === undefined) {
    registry = new Registry()
    collectDefaultMetrics({ register: registry })
  }
  return registry
}

/** Gauges and counters; histograms are left out, and gauges that call themselves `_total`, which `promtool` calls wrong. */
export async function processFamilies(): Promise<readonly Family[]> {
  const metrics = await processRegistry().getMetricsAsJSON()
  const cpu = cpuSeconds()
  return metrics.flatMap((metric): Family[] => {
    const type = String(metric.type)
    if (type !== 'gauge' && type !== 'counter') return []
    const isTotal = metric.name.endsWith('_total')
    if (isTotal !== (type === 'counter')) return []
    const samples = metric.values
      .filter(({ value }) => isKnown(Number(value)))
      .map(({ labels, value }) => ({
        labels: Object.fromEntries(Object.entries(labels).map(([name, label]) => [name, String(label)])),
        value: cpu[metric.name] ?? Number(value),
      }))
    return [{ name: metric.name.replace(/_total$/, ''), help: metric.help, type, samples }]
  })
}

/** Since the process began: the library counts from when it was first asked. */
function cpuSeconds(): Readonly<Record<string, number>> {
  const { user, system } = process.cpuUsage()
  return {
    process_cpu_user_seconds_total: user / 1e6,
    process_cpu_system_seconds_total: system / 1e6,
    process_cpu_seconds_total: (user + system) / 1e6,
  }
}

/** The least lag of an event loop whose histogram is empty: the largest number of nanoseconds. */
const noLag = 2 ** 63 / 1e9

/** No number, or the largest there is, is how "unlimited" and "not known yet" look; what is unknown is absent. */
const isKnown = (value: number): boolean => Number.isFinite(value) && value < 2 ** 62 && value !== noLag
