"""Write-back: approved changes reach the PSA neither lost nor doubled. Only reading back tells what happened; queues cannot."""
