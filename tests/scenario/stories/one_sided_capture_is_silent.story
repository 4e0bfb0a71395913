# Only the answers pass the sensor.
at 10:00:00
repeat 200 every 100ms
  client 192.0.2.10 gets A www.example-domain.net -> NOERROR A 203.0.113.9
expect nothing
