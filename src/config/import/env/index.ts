/**
 * A backup that is described by environment variables alone, as the restic sidecar of k3s-git-ops reads them: one repository, one
 * job, ntfy and the Pushgateway. Source: its script and its page on backups, as of December 2024.
 */
import type { EnvironmentImporter, Imported, ImportWish, Surroundings } from '../importer.ts'
import { jobOf, zoneFor } from './job.ts'
import { knownVariables, ourVariables } from './known.ts'
import { nameOf } from './names.ts'
import { ntfyOf } from './ntfy.ts'
import { originOf } from './origin.ts'
import { pushgatewayOf } from './pushgateway.ts'
import { repositoryOf } from './repository.ts'
import { serverOf } from './server.ts'
import { Variables } from './variables.ts'
import type { Expansion } from './words.ts'

export const importer: EnvironmentImporter = {
  system: 'env',
  reads: 'environment',
  isScript: true,
  read,
}

function read(around: Surroundings, wish: ImportWish): Imported {
  const variables = new Variables(around.variables)
  const host = variables.text('RESTIC_HOSTNAME')?.trim() ?? around.host.split('-')[0] ?? around.host
  const by: Expansion = {
    host: around.host,
    variable: (name) => (name === 'RESTIC_HOSTNAME' ? host : around.variables[name]),
  }
  const repository = repositoryOf(variables, around, wish)
  const made = jobOf(variables, by, host, wish)
  const ntfy = ntfyOf(variables, by, around, host, wish)
  const pushgateway = pushgatewayOf(variables, wish)
  const timezone = zoneFor(variables)
  const { server, bind } = serverOf(variables)
  variables.unknown(knownVariables, ourVariables)
  const { errors, warnings } = variables
  if (errors.length > 0) {
    const isSound = (prefix: string): boolean => !errors.some(({ path: [name] }) => String(name).startsWith(prefix))
    return {
      ...{ errors, warnings, notes: [], leftOut: [] },
      ...(ntfy && isSound('NTFY_') && { tell: { ntfy } }),
      ...(pushgateway && isSound('PUSHGATEWAY_') && { gateway: { ...pushgateway, instance: host } }),
    }
  }
  const job = nameOf(host)
  return {
    raw: {
      ...(timezone !== undefined && { timezone }),
      jobs: { [job]: made.job },
      ...(ntfy && { notify: { ntfy } }),
      ...(pushgateway && { metrics: { pushgateway } }),
      ...(server && { server }),
      repositories: { repository: { ...repository, ...made.repository } },
    },
    errors,
    warnings,
    notes: notesOf(variables, wish),
    leftOut: [],
    ...(bind !== undefined && { bind }),
    ...(pushgateway && { gateway: { ...pushgateway, instance: host } }),
    origin: originOf(job),
  }
}

const notesOf = (variables: Variables, { printed }: ImportWish): string[] =>
  printed !== true
    ? []
    : [
        'Secrets stay in the variables that held them.',
        ...(variables.text('NTFY_CREDS') === undefined
          ? []
          : ['NTFY_CREDS is taken apart: put its password or token into NTFY_PASSWORD.']),
      ]
