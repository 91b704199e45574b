/** Configurations that rules are printed for, each as somebody has it. */
import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { deep } from '../real/deep.ts'
import type { Place } from '../real/place.ts'

const password = { file: 'password' }
const repository = (name: string, more: object = {}) => ({ tool: 'restic', url: `/srv/${name}`, password, ...more })
const numbered = (count: number, what: (at: number) => object): Record<string, object> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`name-${at}`, what(at)]))

const samples = {
  'one server with one job': {
    repositories: { disk: repository('disk', { check: { schedule: '0 3 * * 0' }, prune: { schedule: '30 4 * * 0' } }) },
    jobs: { home: { repository: 'disk', sources: ['/home'], schedule: '15 2 * * *', retention: { keepDaily: 14 } } },
    pings: { laptop: { key: { file: 'password' }, schedule: '15 3 * * *' } },
    notify: { phone: { kind: 'ntfy', topic: 'backups' } },
    metrics: { textfile: { directory: '/var/lib/metrics' } },
  },
  'repositories of others, watched only': {
    repositories: {
      'off.site': repository('off', { expect: { schedule: '0 2 * * *' }, read: { every: '0 6 * * *' } }),
      nas: repository('nas', { expect: { maxAge: '36h' }, space: { alarm: '90%' } }),
      archive: repository('archive'),
      cold: repository('cold', { expect: { archived: true } }),
      silent: repository('silent', { expect: { learn: false } }),
      some: repository('some', { expect: { sets: [{ match: 'web-*', every: '1d' }] } }),
    },
  },
  'a repository of others, of which nothing is said': { repositories: { nas: repository('nas') } },
  'backups that other programs run': {
    pings: {
      laptop: { key: { file: 'password' }, schedule: '15 2 * * *' },
      nas: { key: { file: 'password' }, maxAge: '7d' },
      hand: { key: { file: 'password' } },
    },
  },
  'a repository of others, by the day': {
    repositories: {
      nas: repository('nas', { expect: { every: '1d' } }),
    },
  },
  'hundreds of sets': {
    repositories: numbered(25, (at) => repository(`of-${at}`, { ...(at % 3 === 0 && { expect: { maxAge: '2d' } }) })),
    jobs: numbered(deep ? 150 : 75, (at) => ({
      repository: `name-${at % 25}`,
      sources: ['/srv'],
      tags: [`job-${at}`],
      ...(at % 5 > 0 && { schedule: `0 ${at % 24} * * *` }),
      ...(at % 2 === 0 && { retention: { group: ['tags'], keepLast: 3 } }),
    })),
  },
} as const

export interface Sample {
  readonly name: string
  /** Puts it into a folder. @returns The arguments that name it. */
  write(place: Place): readonly string[]
}

const yamlSamples = Object.entries(samples).map(
  ([name, config]): Sample => ({
    name,
    write(place) {
      writeFileSync(place.at('password'), 'x', { mode: 0o600 })
      writeFileSync(place.at('muster.yaml'), stringify(config, { aliasDuplicateObjects: false }))
      return ['--config', place.at('muster.yaml')]
    },
  }),
)

const reporter: Sample = {
  name: 'in the place of restic-reporter',
  write(place) {
    const entry = (name: string) => ({ repo: `rest:http://user:secret@backups.example.com/${name}`, password: 'x' })
    writeFileSync(place.at('config.json'), JSON.stringify([entry('one'), entry('two')]))
    return ['--from', `restic-reporter:${place.at('config.json')}`]
  },
}

const box = (name: string) => ({ tool: 'borg', url: `ssh://u1@u1.your-storagebox.de:23/./${name}`, password })
const borgScripts: Sample = {
  name: 'in the place of scripts around borg',
  write(place) {
    const archiveName = (name: string) => ({ archiveName: `{hostname}-${name}-{now}`, sources: ['/srv'] })
    const config = {
      repositories: { box: box('nas'), disk: repository('disk') },
      jobs: {
        nas: { repository: 'box', schedule: '15 2 * * *', ...archiveName('nas') },
        mail: { repository: 'box', maxAge: '7d', ...archiveName('mail') },
        hand: { repository: 'box', ...archiveName('hand') },
        home: { repository: 'disk', sources: ['/home'], schedule: '15 2 * * *' },
      },
    }
    writeFileSync(place.at('password'), 'x', { mode: 0o600 })
    writeFileSync(place.at('muster.yaml'), stringify(config, { aliasDuplicateObjects: false }))
    return ['--config', place.at('muster.yaml'), '--compat', 'borg-exporter']
  },
}

export const [oneServer, watched] = yamlSamples as [Sample, Sample]
export const all: readonly Sample[] = [...yamlSamples, reporter, borgScripts]
export { borgScripts, reporter }
