/** Text as borg takes it. */

/** Text in which borg finds no placeholder. */
export const literally = (text: string): string => text.replace(/[{}]/g, '$&$&')

/** An archive as borg takes it in a command. */
export const archiveArgument = (name: string): string => `::${literally(name)}`

/** Words as borg takes them apart again, which it does with Python's `shlex`. */
export const shellWords = (words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`)).join(' ')
