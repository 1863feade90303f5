package dev.tributary.vertx.internal.goqueue.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import java.io.IOException;

/**
 * Reads a {@link Messages.Place}. One comes for each message that is published, so that it is read without what Jackson holds to make a record of
 * fields that come in any order.
 */
final class PlaceReader extends StdDeserializer<Messages.Place> {
  private static final long serialVersionUID = 1L;

  PlaceReader() {
    super(Messages.Place.class);
  }

  @Override
  public Messages.Place deserialize(JsonParser json, DeserializationContext context) throws IOException {
    if (!json.isExpectedStartObjectToken()) {
      return (Messages.Place) context.handleUnexpectedToken(Messages.Place.class, json);
    }
    int partition = Messages.Place.NOWHERE;
    long offset = Messages.Place.NOWHERE;
    String error = "";
    String field = "";
    try {
      while ((field = json.nextFieldName()) != null) {
        boolean absent = json.nextToken() == JsonToken.VALUE_NULL;
        switch (field) {
          case "partition" -> partition = absent ? partition : _parseIntPrimitive(json, context);
          case "offset" -> offset = absent ? offset : _parseLongPrimitive(json, context);
          case "error" -> error = absent ? error : _parseString(json, context, this);
          default -> json.skipChildren();
        }
      }
    } catch (IOException wrong) {
      throw field == null ? wrong : JsonMappingException.wrapWithPath(wrong, Messages.Place.class, field);
    }
    return new Messages.Place(partition, offset, error);
  }
}
