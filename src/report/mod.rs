//! Floor 1: results written as text: terminal, JUnit, JSON, HTML, Markdown, diagnostics.
