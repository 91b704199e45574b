/** A body in the form that the other side wants. Pure. */
import type { Message } from '../../../../model/delivery.ts'
import { textOf } from '../../words.ts'

export const templateFields = ['id', 'kind', 'title', 'severity', 'text', 'host', 'link', 'at'] as const
export const templateTypes = ['application/json', 'text/plain', 'application/x-www-form-urlencoded'] as const
export type TemplateType = (typeof templateTypes)[number]

const place = /\{([a-z]+)\}/g
const isField = (name: string): name is (typeof templateFields)[number] =>
  (templateFields as readonly string[]).includes(name)

const encoded: Readonly<Record<TemplateType, (text: string) => string>> = {
  // Inside the quotes of a text.
  'application/json': (text) => JSON.stringify(text).slice(1, -1),
  'text/plain': (text) => text,
  'application/x-www-form-urlencoded': (text) => encodeURIComponent(text.toWellFormed()),
}

/** `{"text": "{title}"}` with each field in its place, encoded for the type; other braces stay as they are. */
export function fill(template: string, type: TemplateType, id: string, message: Message): string {
  const { kind, title, severity, host, link = '', at } = message
  const fields = { id, kind, title, severity, host, link, at: at.toISOString() }
  return template.replace(place, (whole, name: string) => {
    if (!isField(name)) return whole
    return encoded[type](name === 'text' ? textOf(message) : fields[name])
  })
}

/** Why a template cannot be one of JSON; undefined when it can. */
export function templateFault(template: string): string | undefined {
  try {
    JSON.parse(template.replace(place, (whole, name: string) => (isField(name) ? 'x' : whole)))
    return undefined
  } catch {
    return 'is no JSON once its fields are filled in'
  }
}
