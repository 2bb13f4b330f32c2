"""The commands of Spacewright, for Invoke.

Before a Space     lock · check · build · smoke
Changing a Space   plan · push · deploy · rollback · restart · secrets.plan · secrets.sync · secrets.rotate
Looking at it      status · why · verify · load · logs · history · report · doctor · credentials · unlock
The local Hub      hub.up · hub.down · hub.status · hub.open
This repository    test · lint · bench · mutate

Each is a task of ten lines in deploy/tasks/. It calls the command of its name in deploy/pipeline/commands/, which is
made of the steps that the terminal names (deploy/pipeline/steps/), or one room (source, lock, localhub, ...) below.
Those of this repository stand in development/, and are no part of the library.
"""

from deploy.tasks import namespace
from development import commands

ns = namespace()
for command in (commands.test, commands.lint, commands.bench, commands.mutate):
    ns.add_task(command)
