-- Reads an entry, or takes the right to load it, or begins to wait for whoever has it.
-- KEYS[1] entry   KEYS[2] lease   KEYS[3] index   KEYS[4] tag log
-- ARGV[1] token, unique for each load   ARGV[2] key
-- ARGV[3] purpose: load (a fresh entry is the answer) | reload (it is not) | put (evict and void what is loading)
-- ARGV[4] duration of the lease in ms   ARGV[5] channel of this process, '' = do not wait
-- ARGV[6] command that publishes on the channel   ARGV[7] tags known before the load, separated by NUL
-- ARGV[8] lifetime of the index in ms, 0 = no index   ARGV[9] random number for the epoch of a new tag log
-- ARGV[10] who takes it, for people who look   ARGV[11] when the server was started, in ms
-- Reply: {'value', entry} | {'granted'} | {'busy', remaining ms, load | put | settling}
-- @include clock
-- @include envelope
-- @include tags
-- @include index
-- @include lease
-- @include tag-log
-- @include settling
local entry, lease, index, log = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local token, key, purpose, duration = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local channel, publish, tags, index_ttl = ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8])
local epoch, holder_name, server_start = ARGV[9], ARGV[10], tonumber(ARGV[11])

local holder = redis.call('HGET', lease, 'token')
if holder == token then return { 'granted' } end

if purpose == 'put' then
  redis.call('UNLINK', entry)
  end_lease(lease)
else
  local value = purpose == 'load' and redis.call('GET', entry)
  if value and is_fresh(value, now_ms(), server_start) then return { 'value', value } end
  if holder then
    local kind = redis.call('HGET', lease, 'kind')
    if channel ~= '' and kind == 'load' then redis.call('HSET', lease, 'w' .. channel, publish) end
    return { 'busy', redis.call('PTTL', lease), kind }
  end
  if was_settling(log, key, tags, now_ms()) then return { 'busy', 0, 'settling' } end
end

local counter, log_epoch = open_log(log, epoch)
local kind = purpose == 'put' and 'put' or 'load'
redis.call('HSET', lease, 'token', token, 'kind', kind, 'counter', counter, 'epoch', log_epoch,
  'by', holder_name, 'since', now_ms())
redis.call('PEXPIRE', lease, duration)
if index_ttl > 0 then add_to_index(index, index_ttl, key, tags) end
return { 'granted' }
