package dev.tributary.vertx.internal.goqueue.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Long answers, read as they come instead of as a tree: results of publishing, pages of messages. */
public final class JsonPull {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          // What may arrive at all is limited where it arrives.
          .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private JsonPull() {}

  /** Reads an element: called behind its opening brace, returns behind the closing one. */
  @FunctionalInterface
  public interface Element {
    void read(JsonParser json) throws IOException;
  }

  /** Reads a field of the object itself, whose value the parser is at. */
  @FunctionalInterface
  interface Field {
    void read(String name, JsonParser json) throws IOException;
  }

  /** The objects in the array of this name; a {@code ProtocolException} if there is none. */
  public static void elements(Buffer answer, String array, Element element) {
    elements(answer, array, element, (name, json) -> json.skipChildren());
  }

  /** The objects in the array of this name, and the other fields. */
  public static void elements(Buffer answer, String array, Element element, Field other) {
    try (JsonParser json = JSON.createParser(answer.getBytes())) {
      boolean found = false;
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw Answer.protocol("it is no object but " + Answer.shortened(answer.toString()));
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        if (!name.equals(array)) {
          other.read(name, json);
        } else if (value == JsonToken.START_ARRAY) {
          found = true;
          while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.START_OBJECT) {
              throw Answer.protocol("something in " + array + " that is no object");
            }
            element.read(json);
          }
        } else {
          throw Answer.protocol(array + " is no array");
        }
      }
      if (!found) {
        throw Answer.protocol("no " + array + " in " + Answer.shortened(answer.toString()));
      }
    } catch (JsonProcessingException malformed) {
      throw Answer.protocol("it is not JSON but " + Answer.shortened(answer.toString()));
    } catch (IOException fromMemory) {
      throw new UncheckedIOException(fromMemory);
    }
  }

  /** The number that the parser is at. */
  public static long number(JsonParser json, String field) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw Answer.protocol(field + " is no integer but " + json.getText());
    }
    return json.getLongValue();
  }

  /** The text that the parser is at. */
  public static String text(JsonParser json, String field) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw Answer.protocol(field + " is no text but " + json.getText());
    }
    return json.getText();
  }
}
