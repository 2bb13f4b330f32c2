"""What is kept: tables, migrations, and one module of functions a table. It knows no HTTP and no other room."""
