-- A full Redis refuses a script whose first write is not one that frees memory, even if it frees nothing. While a slot moves,
-- Redis refuses this write, of a key that is not there.
local function write_although_full(key)
  redis.pcall('UNLINK', key .. '\0none')
end
