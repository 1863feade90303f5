package dev.tributary.vertx.internal.goqueue.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.tributary.error.TributaryException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Why some JSON is not the message that it should be, in words for whoever runs the server: which field, what was due, and what is there. */
final class Mismatch {
  /** So much of what is no JSON is looked at to say what it is instead. */
  private static final int SHOWN = 1_000;

  private Mismatch() {}

  /** The error of an answer that this parser could not go on with. */
  static TributaryException of(byte[] json, JsonParser parser, JsonProcessingException unreadable) throws IOException {
    for (Throwable cause = unreadable; cause != null; cause = cause.getCause()) {
      if (cause instanceof TributaryException known) {
        return known;
      }
    }
    return BadAnswer.of(what(json, parser, unreadable));
  }

  /** The same in words. */
  static String what(byte[] json, JsonParser parser, JsonProcessingException unreadable) throws IOException {
    Class<?> wanted = unreadable instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
    for (Throwable cause = unreadable; cause != null; cause = cause.getCause()) {
      if (cause instanceof InputCoercionException tooLarge) {
        wanted = tooLarge.getTargetType();
      } else if (cause instanceof StreamReadException) {
        return "it is not JSON but " + BadAnswer.shortened(new String(json, 0, Math.min(json.length, SHOWN), StandardCharsets.UTF_8));
      } else if (cause instanceof StreamConstraintsException tooMuch) {
        return "it is more than is read: " + BadAnswer.shortened(tooMuch.getOriginalMessage());
      } else if (cause instanceof TributaryException refused) {
        return refused.getMessage();
      }
    }
    String field = unreadable instanceof JsonMappingException mapping ? field(mapping.getPath()) : "it";
    JsonToken token = parser.currentToken();
    if (token == JsonToken.FIELD_NAME) {
      return field + " has a field " + BadAnswer.shortened(parser.currentName());
    }
    return field + " is " + (isValue(token) ? "not " + expected(wanted) + " but " + found(parser) : "missing");
  }

  private static String field(List<JsonMappingException.Reference> path) {
    StringBuilder field = new StringBuilder();
    for (JsonMappingException.Reference step : path) {
      if (step.getFieldName() == null) {
        field.append('[').append(step.getIndex()).append(']');
      } else {
        field.append(field.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return field.isEmpty() ? "it" : BadAnswer.shortened(field.toString());
  }

  private static boolean isValue(@Nullable JsonToken token) {
    return token != null && token != JsonToken.VALUE_NULL && (token.isScalarValue() || token.isStructStart());
  }

  private static String expected(@Nullable Class<?> type) {
    if (type == null) {
      return "as it should be";
    }
    if (type == String.class) {
      return "a text";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (type == Instant.class || type == Duration.class) {
      return type == Instant.class ? "a time" : "a duration";
    }
    if (type.isArray() || List.class.isAssignableFrom(type)) {
      return "an array";
    }
    return type.isRecord() || Map.class.isAssignableFrom(type) ? "an object" : "an integer";
  }

  private static String found(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      default -> text(parser);
    };
  }

  /** A text is looked at only when it is asked for. */
  private static String text(JsonParser parser) throws IOException {
    try {
      return BadAnswer.shortened(parser.getText());
    } catch (JsonProcessingException malformed) {
      return "a malformed text";
    }
  }
}
