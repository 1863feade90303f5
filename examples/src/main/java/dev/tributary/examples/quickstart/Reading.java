package dev.tributary.examples.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One line of the input.
 *
 * @param id names it: the earthquake's id, or the number of the line
 * @param key what the latest state is kept by: the reporting network, or one of 16 groups of lines
 * @param importance 0 for what is only recorded, else the priority of the job it becomes: 1 or 2, which every backend with priorities has
 * @param line the line itself
 */
public record Reading(String id, String key, int importance, String line) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double IMPORTANT_MAGNITUDE = 2.5;
  private static final double URGENT_MAGNITUDE = 4.5;

  /** Reads a file: earthquakes as JSON objects with {@code id}, {@code network} and {@code magnitude}, or any other lines. */
  public static List<Reading> all(Path file) throws IOException {
    List<Reading> readings = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (!line.isBlank()) {
        readings.add(of(line, readings.size()));
      }
    }
    return readings;
  }

  /** The reading of one line, which is the {@code number}th. */
  static Reading of(String line, int number) {
    try {
      JsonNode json = JSON.readTree(line);
      if (json != null && json.path("id").isTextual() && json.path("network").isTextual() && json.path("magnitude").isNumber()) {
        double magnitude = json.path("magnitude").asDouble();
        int importance = magnitude >= URGENT_MAGNITUDE ? 2 : magnitude >= IMPORTANT_MAGNITUDE ? 1 : 0;
        return new Reading(json.path("id").asText(), json.path("network").asText(), importance, line);
      }
    } catch (JsonProcessingException notJson) {
      // The user's own lines need not be JSON.
    }
    return new Reading("line-" + number, "group-" + number % 16, number % 6 == 0 ? 1 : 0, line);
  }
}
