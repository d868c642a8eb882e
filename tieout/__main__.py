"""python -m tieout"""

from tieout.program import main

main()
