package dev.tributary.examples.quickstart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One line of the input.
 *
 * @param number its place among the lines, from 0: what it is counted by, for two lines may have the same id
 * @param id names it: the earthquake's id, or the number of the line
 * @param key what the latest state is kept by: the reporting network, or one of 16 groups of lines
 * @param importance 0 for what is only recorded, else the priority of the job it becomes: 1 or 2, which every backend with priorities has
 * @param line the line itself
 */
public record Reading(int number, String id, String key, int importance, String line) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CHOOSE = "Give a text file by -Dinput=FILE, or leave that out for the earthquakes that come with the quickstart";
  private static final String BYTE_ORDER_MARK = "\uFEFF";
  private static final double IMPORTANT_MAGNITUDE = 2.5;
  private static final double URGENT_MAGNITUDE = 4.5;

  /**
   * Reads a file: earthquakes as JSON objects with {@code id}, {@code network} and {@code magnitude}, or any other lines.
   *
   * @throws InvalidRequestException if it cannot be read, is not UTF-8, or has no lines
   */
  public static List<Reading> all(Path file) {
    List<Reading> readings = new ArrayList<>();
    for (String line : text(file).lines().toList()) {
      if (!line.isBlank()) {
        readings.add(of(line, readings.size()));
      }
    }
    if (readings.isEmpty()) {
      throw InvalidRequestException.of("the file " + file + " has no lines", CHOOSE);
    }
    return readings;
  }

  private static String text(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw InvalidRequestException.of(file + " is a directory", CHOOSE);
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
      return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    } catch (NoSuchFileException missing) {
      throw InvalidRequestException.of("there is no file " + file, CHOOSE);
    } catch (CharacterCodingException otherText) {
      throw InvalidRequestException.of("the file " + file + " is not UTF-8", CHOOSE);
    } catch (IOException unreadable) {
      throw new InvalidRequestException(ErrorInfo.of("the file " + file + " cannot be read", CHOOSE).causedBy(unreadable));
    }
  }

  /** The reading of one line, which is the {@code number}th. */
  static Reading of(String line, int number) {
    try {
      JsonNode json = JSON.readTree(line);
      if (json != null && json.path("id").isTextual() && json.path("network").isTextual() && json.path("magnitude").isNumber()) {
        double magnitude = json.path("magnitude").asDouble();
        int importance = magnitude >= URGENT_MAGNITUDE ? 2 : magnitude >= IMPORTANT_MAGNITUDE ? 1 : 0;
        return new Reading(number, json.path("id").asText(), json.path("network").asText(), importance, line);
      }
    } catch (JsonProcessingException notJson) {
      // The user's own lines need not be JSON.
    }
    return new Reading(number, "line-" + number, "group-" + number % 16, number % 6 == 0 ? 1 : 0, line);
  }
}
