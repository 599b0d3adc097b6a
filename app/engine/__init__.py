"""The only home of SpiffWorkflow: (definition, state, event) in, Step out; stores nothing, calls nobody."""
