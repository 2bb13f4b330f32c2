"""The commands of Spacewright, for Invoke.

Before a Space     lock · check · build · smoke
Changing a Space   plan · push · deploy · rollback · restart · secrets.plan · secrets.sync · secrets.rotate
Looking at it      status · verify · load · logs · history · report · doctor · credentials · unlock
The local Hub      hub.up · hub.down · hub.status · hub.open
The project        test · lint · bench

Each is a task of ten lines in deploy/tasks/, which calls deploy/pipeline/ (the order of things) or one
room (source, image, space, verify, lock, localhub) below it.
"""

from deploy.tasks import namespace

ns = namespace()
