/** Which alerts are looked into together. Pure. */

/** What may be an id of a plan; anything else gets into no key. */
const id = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/

/**
 * Those that the Alertmanager groups, where it says so. Else the plan that they name, and at last the alert with what Muster's own
 * rules tell it apart by.
 */
export function groupOf(labels: Readonly<Record<string, string>>, groupKey?: string): string {
  if (groupKey !== undefined) return `group/${groupKey.slice(0, 500)}`
  const plan = labels.backup_id ?? labels.id
  if (plan !== undefined && id.test(plan)) return `plan/${plan}`
  const of = [labels.repository, labels.job].filter((part) => part !== undefined)
  return `alert/${[labels.alertname ?? '', ...of].join('/').slice(0, 500)}`
}
