/** What is used of Grafana's dashboard JSON, as a schema. Grafana itself cannot be had here. Source: Grafana, "Dashboard JSON model". */
import { z } from 'zod'

const source = z.strictObject({ type: z.literal('prometheus'), uid: z.literal(`\${datasource}`) })
const position = z
  .strictObject({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1).max(24), h: z.int().min(1) })
  .refine(({ x, w }) => x + w <= 24)
const units = ['short', 'bytes', 's', 'dtdurations', 'reqps', 'percentunit']
const unit = z.enum(units as [string, ...string[]])
const thresholds = z.strictObject({
  mode: z.literal('absolute'),
  steps: z.array(z.strictObject({ color: z.string(), value: z.number().nullable() })).min(1),
})
const property = z.discriminatedUnion('id', [
  z.strictObject({ id: z.literal('unit'), value: unit }),
  z.strictObject({ id: z.literal('thresholds'), value: thresholds }),
  z.strictObject({ id: z.literal('custom.cellOptions'), value: z.object({ type: z.literal('color-background') }) }),
  z.strictObject({
    id: z.literal('links'),
    value: z.array(z.strictObject({ title: z.string(), url: z.string().startsWith('/d/muster-') })),
  }),
])
const panel = z.strictObject({
  id: z.int().min(1),
  type: z.enum(['stat', 'timeseries', 'state-timeline', 'table']),
  title: z.string().min(1),
  description: z.string().optional(),
  datasource: source,
  gridPos: position,
  targets: z
    .array(
      z.strictObject({
        refId: z.string().regex(/^[A-Z]$/),
        datasource: source,
        editorMode: z.literal('code'),
        expr: z.string().min(1),
        legendFormat: z.string().optional(),
        instant: z.boolean(),
        range: z.boolean(),
        format: z.literal('table').optional(),
      }),
    )
    .min(1),
  transformations: z.array(z.strictObject({ id: z.string(), options: z.object({}).loose() })).optional(),
  fieldConfig: z.strictObject({
    defaults: z.object({ unit: unit.optional(), thresholds: thresholds.optional() }).loose(),
    overrides: z.array(
      z.strictObject({
        matcher: z.strictObject({ id: z.literal('byName'), options: z.string() }),
        properties: z.array(property),
      }),
    ),
  }),
  options: z.object({}).loose(),
})
const row = z.strictObject({
  id: z.int().min(1),
  type: z.literal('row'),
  title: z.string().min(1),
  collapsed: z.literal(false),
  panels: z.tuple([]),
  gridPos: position,
})
const variable = z.discriminatedUnion('type', [
  z.object({ type: z.literal('datasource'), name: z.literal('datasource'), query: z.literal('prometheus') }),
  z.object({
    type: z.literal('query'),
    name: z.string(),
    datasource: source,
    definition: z.string().regex(/^label_values\(.+, \w+\)$/),
    query: z.strictObject({ query: z.string(), refId: z.string() }),
    multi: z.literal(true),
    includeAll: z.literal(true),
    allValue: z.literal('.*'),
  }),
])

export const Dashboard = z.strictObject({
  __inputs: z.tuple([z.object({ name: z.literal('DS_PROMETHEUS'), type: z.literal('datasource') })]),
  __requires: z.array(z.object({ type: z.string(), id: z.string(), name: z.string(), version: z.string() })),
  uid: z.string().regex(/^[\w-]{1,40}$/),
  title: z.string().min(1),
  description: z.string().min(1),
  tags: z.array(z.string()),
  schemaVersion: z.int().min(39).max(41),
  version: z.int(),
  editable: z.boolean(),
  graphTooltip: z.int(),
  refresh: z.string(),
  time: z.strictObject({ from: z.string(), to: z.literal('now') }),
  timezone: z.literal('browser'),
  annotations: z.strictObject({ list: z.array(z.never()) }),
  links: z.array(z.object({ type: z.literal('link'), url: z.string().startsWith('/d/muster-') })).length(2),
  templating: z.strictObject({ list: z.array(variable).min(2) }),
  panels: z.array(z.union([row, panel])).min(6),
})
export type Dashboard = z.output<typeof Dashboard>
