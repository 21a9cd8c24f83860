"""The identity vault: who a reporter is, sealed for pairs of custodians and for nobody else."""
