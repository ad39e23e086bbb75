"""Questions about specs, answered by tables: do two specs differ, can a spec be met, what do its tests notice.

An answer is a witness, a table that anybody can judge, or the number of tables that were tried without finding one.
`tables` makes tables that are worth trying, `goals` says what is looked for, `search` looks for it, `shrink` makes what
was found small, and the other modules ask: `difference`, `query`, `mutants`, `coverage`, `replay`.
"""
