package dev.tributary.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.SpecVersionDetector;
import com.networknt.schema.ValidationMessage;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.SchemaRejectedException;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A JSON Schema, compiled. What it refers to must be in it: nothing is ever fetched. */
final class JsonDefinition {
  private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** The schemas of the schema language, where the library has them: it looks their web addresses up there. */
  private static final Pattern BUNDLED = Pattern.compile("classpath:/?draft(-0[467]|/2019-09|/2020-12)/[a-z/-]+#?");

  private static final SchemaValidatorsConfig CONFIG = SchemaValidatorsConfig.builder().locale(Locale.ENGLISH).build();

  private final JsonNode source;
  private final JsonSchema compiled;

  private JsonDefinition(JsonNode source, JsonSchema compiled) {
    this.source = source;
    this.compiled = compiled;
  }

  /** Compiles a definition of the draft that it names, 2020-12 if it names none. */
  static JsonDefinition compile(String definition) {
    JsonNode source;
    try {
      source = JSON.readTree(definition);
    } catch (JsonProcessingException broken) {
      throw rejected("not JSON: " + broken.getOriginalMessage(), broken);
    }
    if (!source.isObject() && !source.isBoolean()) {
      throw rejected("a schema is an object or a boolean", null);
    }
    try {
      SpecVersion.VersionFlag draft =
          SpecVersionDetector.detectOptionalVersion(source, true).orElse(SpecVersion.VersionFlag.V202012);
      JsonSchemaFactory factory = factory(draft);
      Set<ValidationMessage> faults = factory.getSchema(SchemaLocation.of(draft.getId()), CONFIG).validate(source);
      if (!faults.isEmpty()) {
        throw rejected(String.join("; ", texts(faults)), null);
      }
      JsonSchema compiled = factory.getSchema(source, CONFIG);
      compiled.initializeValidators();
      return new JsonDefinition(source, compiled);
    } catch (JsonSchemaException broken) {
      throw rejected(String.valueOf(broken.getMessage()), broken);
    }
  }

  /** What does not match; empty if the payload does. */
  List<String> errors(byte[] payload) {
    JsonNode node;
    try {
      node = JSON.readTree(payload);
    } catch (IOException broken) {
      return List.of("not JSON: " + broken.getMessage());
    }
    if (node.isMissingNode()) {
      return List.of("not JSON: it is empty");
    }
    return texts(compiled.validate(node));
  }

  /** Whether a property that this one requires was unknown to the one before, or a top-level property changed its type. */
  boolean breaksReadersOfOlder(JsonDefinition before) {
    for (String name : required()) {
      if (!before.properties().has(name)) {
        return true;
      }
    }
    for (var property : properties().properties()) {
      JsonNode old = before.properties().path(property.getKey());
      if (!old.isMissingNode() && !old.path("type").equals(property.getValue().path("type"))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a property that the one before required is neither required nor known here. */
  boolean breaksOlderReaders(JsonDefinition before) {
    Set<String> required = required();
    return before.required().stream().anyMatch(name -> !required.contains(name) && !properties().has(name));
  }

  private JsonNode properties() {
    return source.path("properties");
  }

  private Set<String> required() {
    Set<String> names = new HashSet<>();
    source.path("required").forEach(name -> names.add(name.asText()));
    return names;
  }

  private static JsonSchemaFactory factory(SpecVersion.VersionFlag draft) {
    return JsonSchemaFactory.getInstance(
        draft,
        factory ->
            factory.schemaLoaders(
                loaders ->
                    loaders.add(
                        iri -> {
                          if (BUNDLED.matcher(iri.toString()).matches()) {
                            return null;
                          }
                          throw new JsonSchemaException("it refers to " + iri + ", and nothing is fetched");
                        })));
  }

  private static List<String> texts(Set<ValidationMessage> messages) {
    return messages.stream().map(ValidationMessage::getMessage).toList();
  }

  private static SchemaRejectedException rejected(String why, @Nullable Throwable cause) {
    return new SchemaRejectedException(ErrorInfo.of("not a JSON Schema: " + why, "Correct the definition").causedBy(cause));
  }
}
