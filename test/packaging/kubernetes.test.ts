/** The manifests as Kubernetes and the Prometheus operator would take them, and as Muster and promtool read what is inside. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor'
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { CronJob } from 'kubernetes-models/batch/v1/CronJob'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim'
import { Secret } from 'kubernetes-models/v1/Secret'
import { Service } from 'kubernetes-models/v1/Service'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import { sidecarVariables } from '../../scripts/gen/kubernetes-rules.ts'
import { importer } from '../../src/config/import/env/index.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { Config } from '../../src/config/schema.ts'
import { commandFault } from '../docs/commands.ts'
import { root } from '../docs/markdown.ts'
import { makePlace } from '../real/place.ts'
import { promtool } from '../rules/promtool.ts'

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly [key: string]: unknown
}
interface Named {
  readonly file: string
  readonly manifest: Manifest
}

const folder = join(root, 'packaging', 'kubernetes')
const all: readonly Named[] = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => {
      if (document.errors.length > 0) throw document.errors[0]
      return { file, manifest: document.toJS() as Manifest }
    }),
  )
const named = ({ file, manifest }: Named): string => `${file}: ${manifest.kind} ${manifest.metadata.name}`
type Model = { readonly apiVersion: string; new (data: object): { validate(): void } }
const models = {
  ConfigMap,
  CronJob,
  Deployment,
  PersistentVolumeClaim,
  PodMonitor,
  PrometheusRule,
  Secret,
  Service,
  ServiceMonitor,
} as unknown as Readonly<Record<string, Model>>
/** The module of a kind: `apps/v1` is one folder, and what belongs to nobody's group is `v1`. */
const moduleOf = ({ apiVersion, kind }: Manifest): string =>
  `${apiVersion.startsWith('monitoring.') ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}/${kind}`

/** Every value below a key, wherever it stands. */
const below = (value: unknown, key: string): unknown[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, item]) => [...(name === key ? [item] : []), ...below(item, key)])
const containers = all.flatMap(({ manifest }) =>
  (below(manifest, 'containers').flat() as Record<string, unknown>[]).filter(({ image }) =>
    /muster/.test(String(image)),
  ),
)

describe('every manifest', () => {
  for (const one of all)
    it(`${named(one)} is one by its schema`, () => {
      const Model = models[one.manifest.kind]
      if (Model === undefined) throw new Error('no such kind')
      expect(one.manifest.apiVersion).toBe(Model.apiVersion)
      new Model(one.manifest).validate()
      expect(() => new Model({ ...one.manifest, spec: 'x', data: 'x', stringData: 'x' }).validate()).toThrow()
    })

  it('has no key that its schema does not know', async () => {
    using place = makePlace()
    const check = async (manifests: readonly Manifest[]): Promise<string> => {
      const lines = manifests.map((manifest, at) => {
        const path = join(root, 'node_modules', `${moduleOf(manifest)}.js`)
        return `import type { I${manifest.kind} as T${at} } from '${path}'\nexport const m${at}: T${at} = ${JSON.stringify(manifest)}\n`
      })
      writeFileSync(place.at('manifests.ts'), lines.join(''))
      const options = [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        '--module',
        'nodenext',
        '--ignoreConfig',
        '--types',
        '',
      ]
      const tsc = join(root, 'node_modules', '.bin', 'tsc')
      return promisify(execFile)(tsc, [...options, place.at('manifests.ts')]).then(
        () => '',
        ({ stdout }: { stdout: string }) => stdout,
      )
    }
    const manifests = all.map(({ manifest }) => manifest)
    expect(await check(manifests)).toBe('')
    const typo = JSON.stringify(manifests).replace('"readOnlyRootFilesystem"', '"readOnlyRootFileSystem"')
    expect(await check(JSON.parse(typo) as Manifest[])).toMatch(
      /only specify known properties, and '"readOnlyRootFileSystem"'/,
    )
  })

  it('names what is there', () => {
    const names = (kind: string): readonly string[] =>
      all.filter(({ manifest }) => manifest.kind === kind).map(({ manifest }) => manifest.metadata.name)
    const wanted = (key: string, field: string): readonly unknown[] =>
      all.flatMap(({ manifest }) => below(manifest, key).map((item) => (item as Record<string, unknown>)[field]))
    for (const name of [
      ...wanted('secretRef', 'name'),
      ...wanted('secret', 'secretName'),
      ...wanted('credentials', 'name'),
    ])
      expect(names('Secret')).toContain(name)
    for (const name of wanted('configMap', 'name')) expect(names('ConfigMap')).toContain(name)
    // The volume that is backed up is the user's.
    for (const name of wanted('persistentVolumeClaim', 'claimName'))
      if (name !== 'emby-config') expect(names('PersistentVolumeClaim')).toContain(name)
    for (const { volumeMounts } of containers as { volumeMounts: { name: string }[] }[])
      expect(all.flatMap(({ manifest }) => below(manifest, 'volumes').flat())).toEqual(
        expect.arrayContaining(volumeMounts.map(({ name }) => expect.objectContaining({ name }))),
      )
  })
})

describe('every container of Muster', () => {
  it('runs a command that there is, without rights, in a file system that nobody writes', () => {
    expect(containers).toHaveLength(3)
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    for (const { image, args, securityContext, resources } of containers) {
      expect(image).toBe(`ghcr.io/example/muster:${version}`)
      expect(commandFault(['muster', ...(args as string[])])).toBeUndefined()
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      expect(resources).toHaveProperty('limits.memory')
    }
    const pods = all.flatMap(({ manifest }) => below(manifest, 'template')) as { spec: Record<string, unknown> }[]
    for (const { spec } of pods.filter(({ spec }) => spec !== undefined && 'containers' in spec))
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      })
  })
})

describe('what is inside', () => {
  it('are variables that Muster takes', async () => {
    const variables = { ...(await sidecarVariables(root)), KUBERNETES_SERVICE_HOST: '10.0.0.1' }
    const around = { variables, host: 'emby-6d4cf56db6-x8k2p', readText: () => '', shell: () => '' }
    const { raw, errors, warnings, bind } = importer.read(around, { serves: true })
    expect([errors, warnings, bind]).toEqual([[], [], '0.0.0.0:9121'])
    expect(Config.safeParse(raw).success).toBe(true)
  })

  it('is a configuration that Muster takes', () => {
    const maps = all.filter(({ manifest }) => manifest.kind === 'ConfigMap')
    expect(maps).toHaveLength(1)
    for (const { manifest } of maps)
      expect(parseConfig((manifest.data as Record<string, string>)['muster.yaml'] ?? '')).toMatchObject({
        errors: [],
        warnings: [],
      })
  })

  it('are rules that promtool takes, over the jobs that the monitors scrape', async () => {
    using place = makePlace()
    const rules = all.filter(({ manifest }) => manifest.kind === 'PrometheusRule')
    expect(rules.map(({ manifest }) => manifest.metadata.name)).toEqual(['muster-sidecar', 'muster'])
    for (const { manifest } of rules) {
      const file = place.at(`${manifest.metadata.name}.yml`)
      writeFileSync(file, stringify(manifest.spec))
      expect(await promtool('check', 'rules', '--lint=all', '--lint-fatal', file)).toBeUndefined()
      expect(JSON.stringify(manifest.spec)).toContain(`job=\\"${manifest.metadata.name}\\"`)
    }
    const monitors = all.filter(({ manifest }) => /Monitor$/.test(manifest.kind))
    expect(JSON.stringify(monitors)).toContain('"replacement":"muster-sidecar"')
    expect(monitors.flatMap(({ manifest }) => below(manifest, 'honorLabels'))).toEqual([true, true])
  })
})
