"""What a message costs with ours, with Home Assistant's own MQTT entities, and at the least; side by side."""
