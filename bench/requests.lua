-- wrk script: the bearer token and, for writes, a link of its own for each request.
local token = os.getenv("BENCH_TOKEN")
local kind = os.getenv("BENCH_KIND")
local thread_counter = 0

function setup(thread)
  thread_counter = thread_counter + 1
  thread:set("number", thread_counter)
end

function init()
  count = 0
  wrk.headers["Authorization"] = "Bearer " .. token
  if kind == "write" then
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
  end
end

function request()
  if kind ~= "write" then return wrk.format() end
  count = count + 1
  local run = os.getenv("BENCH_RUN")
  return wrk.format(nil, nil, nil, string.format(
    '{"link":"https://%s-%d-%d.example","tag":"tag %d"}', run, number, count, count % 50))
end

function done(summary)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read
    + summary.errors.write + summary.errors.timeout
  io.write(string.format("RESULT %.0f %d\n", summary.requests / (summary.duration / 1e6), failed))
end
