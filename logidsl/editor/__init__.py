"""Help in the editor: what a language server answers about a spec.

`analysis` compiles a text completely, `outline` cuts it into statements at every keystroke and checks those that
changed. The other modules each answer one kind of question from these, in terms of the Language Server Protocol;
`server` connects them with an editor.
"""
