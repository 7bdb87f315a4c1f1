-- Ends all sessions of a bucket at once, whoever they belong to. What is left of them expires by itself.
-- KEYS[1] gate of the bucket
-- ARGV[1] new generation, unique   ARGV[2] lifetime of the gate in ms
-- Reply: nothing
local gate, generation, gate_ms = KEYS[1], ARGV[1], ARGV[2]

redis.call('UNLINK', gate)
redis.call('SET', gate, generation, 'PX', gate_ms)
