/** Keys of NethServer 8's Redis. Nothing from outside stands in one unless it is a plain id. Source: ns8-core, `core/imageroot`. */

const plain = /^[A-Za-z0-9_-]{1,64}$/

/** Ids of plans, modules and nodes: neither separator nor wildcard of Redis, nor an option of a program. */
export const isId = (text: string): boolean => plain.test(text) && !text.startsWith('-')

/** Fits all that is told of a backup, and little else. */
export const backupKeys = '*/backup*'

export type BackupKey =
  | { readonly kind: 'plan' | 'plan-status'; readonly plan: string }
  /** The ids of the plans that a module is part of; up to 3.19. */
  | { readonly kind: 'plans-of-module'; readonly module: string }
  /** As ns8-backup-monitor had it, and up to 3.19. */
  | { readonly kind: 'own' | 'module'; readonly module: string; readonly plan: string }
  /** From 3.20. */
  | { readonly kind: 'node'; readonly node: string; readonly plan: string }

/** undefined: a key about something else, or with something other than an id in it. */
export function parseBackupKey(key: string): BackupKey | undefined {
  const parts = key.split('/')
  const [area, id = '', what, plan = '', last] = parts
  if (!isId(id === 'backup' ? (what ?? '') : id)) return undefined
  if (area === 'cluster' && id === 'backup' && what !== undefined) {
    if (parts.length === 3) return { kind: 'plan', plan: what }
    return parts.length === 4 && plan === 'status' ? { kind: 'plan-status', plan: what } : undefined
  }
  if (area === 'module' && what === 'backups' && parts.length === 3) return { kind: 'plans-of-module', module: id }
  if (!isId(plan)) return undefined
  if (area === 'module' && what === 'backup' && last === 'status' && parts.length === 5)
    return { kind: 'own', module: id, plan }
  if (what !== 'backup_status' || parts.length !== 4) return undefined
  if (area === 'module') return { kind: 'module', module: id, plan }
  return area === 'node' ? { kind: 'node', node: id, plan } : undefined
}

/** Each of them built from ids that were looked at. */
export const keys = {
  plan: (plan: string) => `cluster/backup/${plan}`,
  planStatus: (plan: string) => `cluster/backup/${plan}/status`,
  own: (module: string, plan: string) => `module/${module}/backup/${plan}/status`,
  module: (module: string, plan: string) => `module/${module}/backup_status/${plan}`,
  node: (node: string, plan: string) => `node/${node}/backup_status/${plan}`,
  plansOfModule: (module: string) => `module/${module}/backups`,
  title: (module: string) => `module/${module}/ui_name`,
  destination: (id: string) => `cluster/backup_repository/${id}`,
  moduleNode: 'cluster/module_node',
} as const
