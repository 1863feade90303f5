package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SchemaRoutesTest {
  private static final String ONE = "{\"type\":\"object\", \"properties\":{\"n\":{\"type\":\"number\"}}, \"required\":[\"n\"]}";
  private static final String TWO =
      "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"number\"},\"m\":{\"type\":\"string\"}},\"required\":[\"n\"]}";
  private static final String STRICTER =
      "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"number\"},\"k\":{\"type\":\"string\"}},\"required\":[\"n\",\"k\"]}";
  private static final String VERSIONS = "/schemas/subjects/orders-value/versions";

  private final VirtualTime time = new VirtualTime();
  private final EmbeddedServer server = EmbeddedServer.goqueue().time(time).start();
  private final JsonClient client = new JsonClient(server);

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void registersVersionsWithNumbersOverAllSubjects() {
    assertThat(register("orders-value", ONE)).isEqualTo(registered(1, 1));
    assertThat(register("orders-value", TWO)).isEqualTo(registered(2, 2));
    assertThat(register("a.b", ONE)).isEqualTo(registered(3, 1));
    assertThat(client.send("GET", "/schemas/subjects", null).body()).isEqualTo("[\"a.b\",\"orders-value\"]\n");
    assertThat(client.send("GET", VERSIONS, null).body()).isEqualTo("[1,2]\n");
    JsonObject first =
        new JsonObject().put("subject", "orders-value").put("version", 1).put("id", 1).put("schema", ONE).put("schemaType", "JSON");
    assertThat(client.get(VERSIONS + "/1")).isEqualTo(first);
    assertThat(client.get("/schemas/ids/1")).isEqualTo(first);
    assertThat(client.get(VERSIONS + "/latest").getInteger("version")).isEqualTo(2);
    assertThat(server.transport().schemas().orElseThrow().versions(name("orders-value"), deadline()).join()).hasSize(2);
  }

  @Test
  void knowsWhatIsOnlyWrittenDifferently() {
    register("orders-value", ONE);
    String other = "{\"required\":[\"n\"],\n\"properties\":{\"n\":{\"type\":\"number\"}},\"type\":\"object\"}";
    assertThat(register("orders-value", other)).isEqualTo(registered(1, 1));
    assertThat(client.post("/schemas/subjects/orders-value", schema(other)))
        .isEqualTo(new JsonObject().put("subject", "orders-value").put("version", 1).put("id", 1));
    assertThat(error(404, "POST", "/schemas/subjects/orders-value", schema(TWO))).isEqualTo("schema not found");
    assertThat(error(404, "POST", "/schemas/subjects/nothing", schema(ONE))).isEqualTo("schema not found");
  }

  @Test
  void registersOnceWhatComesAtOnce() {
    List<CompletableFuture<JsonObject>> all =
        IntStream.range(0, 8)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> register("orders-value", ONE.replace(", ", "," + " ".repeat(i)))))
            .toList();
    assertThat(all.stream().map(CompletableFuture::join)).containsOnly(registered(1, 1));
  }

  @Test
  void deletesVersionsAndSubjects() {
    register("orders-value", ONE);
    register("orders-value", TWO);
    assertThat(error(400, "DELETE", VERSIONS + "/latest", null)).isEqualTo("invalid version number");
    assertThat(client.expect(200, "DELETE", VERSIONS + "/1", null)).isEqualTo(new JsonObject().put("deleted", 1));
    assertThat(error(404, "DELETE", VERSIONS + "/1", null)).isEqualTo("schema version not found");
    assertThat(error(404, "GET", VERSIONS + "/1", null)).isEqualTo("schema version not found");
    assertThat(error(404, "GET", "/schemas/ids/1", null)).isEqualTo("schema not found");
    assertThat(client.send("DELETE", "/schemas/subjects/orders-value", null).body()).isEqualTo("[2]\n");
    assertThat(error(404, "DELETE", "/schemas/subjects/orders-value", null)).isEqualTo("subject not found");
    assertThat(client.send("GET", "/schemas/subjects", null).body()).isEqualTo("[]\n");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /schemas/subjects/nothing/versions, 404, subject not found",
    "GET, /schemas/subjects/nothing/versions/latest, 404, subject not found",
    "GET, /schemas/subjects/nothing/versions/1, 404, subject not found",
    "GET, /schemas/subjects/nothing/versions/one, 400, invalid version number",
    "GET, /schemas/subjects/nothing/versions/0, 400, invalid version number",
    "GET, /schemas/subjects/nothing/versions/-1, 400, invalid version number",
    "GET, /schemas/ids/99, 404, schema not found",
    "GET, /schemas/ids/one, 400, invalid schema ID",
    "DELETE, /schemas/subjects/nothing/versions/1, 404, subject not found",
    "POST, /schemas/subjects/nothing, 400, schema is required",
    "POST, /schemas/subjects/nothing/versions, 400, schema is required",
    "POST, /schemas/compatibility/subjects/nothing/versions/latest, 400, schema is required",
  })
  void saysWhatIsWrong(String method, String path, int status, String text) {
    assertThat(error(status, method, path, method.equals("POST") ? new JsonObject() : null)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no JSON",
        "[]",
        "true",
        "{\"type\":17}",
        "{\"type\":\"text\"}",
        "{\"type\":[\"string\",\"text\"]}",
        "{\"properties\":[]}",
        "{\"properties\":{\"n\":true}}",
        "{\"properties\":{\"n\":{\"type\":\"text\"}}}",
        "{\"required\":\"n\"}",
        "{\"required\":[1]}",
        "{\"additionalProperties\":false}",
        "{\"additionalProperties\":true}",
        "{\"items\":[{}]}",
        "{\"enum\":1}",
        "{\"pattern\":\"(\"}",
        "{\"minLength\":1.5}",
        "{\"maxItems\":\"1\"}",
        "{\"minimum\":\"1\"}",
        "{\"$ref\":\"#/definitions/missing\"}",
        "{\"$ref\":\"http://example.com/schema\"}",
        "{\"$ref\":\"#\"}",
        "{\"$defs\":{\"a\":1}}",
        "{\"oneOf\":{}}",
        "{\"anyOf\":[1]}",
        "{\"not\":false}",
      })
  void refusesWhatIsNoSchemaHere(String definition) {
    assertThat(error(422, "POST", VERSIONS, schema(definition))).startsWith("invalid schema: ");
    assertThat(error(422, "POST", "/schemas/compatibility/subjects/orders-value/versions/latest", schema(definition)))
        .startsWith("invalid schema: ");
    assertThat(client.send("GET", "/schemas/subjects", null).body()).isEqualTo("[]\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 400, 900, 10_000})
  void refusesDepthsWithoutEnd(int depth) {
    for (String keyword : List.of("not", "items", "additionalProperties")) {
      String deep = ("{\"" + keyword + "\":").repeat(depth) + "{}" + "}".repeat(depth);
      assertThat(error(422, "POST", VERSIONS, schema(deep))).startsWith("invalid schema: ");
    }
    assertThat(error(422, "POST", VERSIONS, schema("{\"enum\":" + "[".repeat(depth) + "]".repeat(depth) + "}"))).startsWith("invalid schema: ");
  }

  @Test
  void takesTheWholeSubset() {
    String whole =
        """
        {"type":["object","null"],"title":"order","required":["id"],
         "properties":{"id":{"type":"string","pattern":"^o-","minLength":3,"maxLength":9},"n":{"type":"number","minimum":0.5,"maximum":9},
          "kind":{"enum":["a",1,null]},"list":{"type":"array","items":{"$ref":"#/definitions/item"},"minItems":0,"maxItems":9},
          "other":{"$ref":"#/$defs/item"},"any":{"oneOf":[{"type":"string"},{"type":"integer"}],"anyOf":[{}],"allOf":[{}],"not":{"type":"null"}}},
         "additionalProperties":{"type":"string"},
         "definitions":{"item":{"type":"object"}},"$defs":{"item":{"type":"boolean"}}}""";
    assertThat(register("orders-value", whole)).isEqualTo(registered(1, 1));
  }

  @Test
  void isBackwardCompatibleUnlessToldOtherwise() {
    assertThat(client.get("/schemas/config")).isEqualTo(mode("BACKWARD"));
    assertThat(client.get("/schemas/config/orders-value")).isEqualTo(mode("BACKWARD"));
    register("orders-value", ONE);
    assertThat(error(409, "POST", VERSIONS, schema(STRICTER))).startsWith("schema incompatible: ");
    assertThat(compatible("latest", STRICTER)).isFalse();
    assertThat(compatible("-1", TWO)).isTrue();
    assertThat(client.expect(200, "PUT", "/schemas/config/orders-value", mode("none"))).isEqualTo(mode("NONE"));
    assertThat(client.get("/schemas/config")).isEqualTo(mode("BACKWARD"));
    assertThat(register("orders-value", STRICTER)).isEqualTo(registered(2, 2));
  }

  @Test
  void testsAgainstOlderVersionsToo() {
    client.expect(200, "PUT", "/schemas/config", mode("NONE"));
    register("orders-value", ONE);
    register("orders-value", STRICTER);
    client.expect(200, "PUT", "/schemas/config", mode("BACKWARD"));
    assertThat(compatible("1", STRICTER)).isFalse();
    assertThat(compatible("2", STRICTER)).isTrue();
    assertThat(compatible("1", ONE.replace("number", "string"))).isFalse();
    client.expect(200, "PUT", "/schemas/config", mode("FORWARD"));
    assertThat(compatible("1", STRICTER)).isTrue();
    assertThat(compatible("1", "{\"type\":\"object\"}")).isFalse();
    client.expect(200, "PUT", "/schemas/config", mode("FULL"));
    assertThat(compatible("1", STRICTER)).isFalse();
    assertThat(compatible("1", TWO)).isTrue();
    assertThat(error(404, "POST", "/schemas/compatibility/subjects/orders-value/versions/7", schema(ONE)))
        .isEqualTo("schema version not found");
    assertThat(client.post("/schemas/compatibility/subjects/nothing/versions/7", schema(ONE)).getBoolean("is_compatible")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"none, NONE", "Forward, FORWARD", "FULL, FULL", "backward, BACKWARD", "FULL_TRANSITIVE, BACKWARD", "'', BACKWARD"})
  void takesWhatIsNoModeForBackward(String given, String taken) {
    client.expect(200, "PUT", "/schemas/config", mode("NONE"));
    assertThat(client.expect(200, "PUT", "/schemas/config", mode(given))).isEqualTo(mode(taken));
    assertThat(client.get("/schemas/config")).isEqualTo(mode(taken));
    assertThat(server.transport().schemas().orElseThrow().compatibility(null, deadline()).join())
        .isEqualTo(Compatibility.valueOf(taken));
  }

  @Test
  void readsNoOtherKeyOfAMode() {
    client.expect(200, "PUT", "/schemas/config", mode("NONE"));
    assertThat(client.expect(200, "PUT", "/schemas/config", new JsonObject().put("compatibilityLevel", "FULL")))
        .isEqualTo(mode("BACKWARD"));
    assertThat(error(400, "PUT", "/schemas/config", new JsonObject().put("compatibility", 1))).startsWith("invalid JSON: ");
  }

  @Test
  void livesWithDefinitionsThatItWouldNotTake() {
    SchemaTransport registry = server.transport().schemas().orElseThrow();
    registry.register(name("orders-value"), SchemaFormat.JSON, "true", deadline()).join();
    registry.register(name("orders-value"), SchemaFormat.AVRO, "not JSON", deadline()).join();
    assertThat(client.get(VERSIONS + "/1").getString("schema")).isEqualTo("true");
    assertThat(client.get(VERSIONS + "/2").getString("schemaType")).isEqualTo("AVRO");
    assertThat(register("orders-value", ONE)).isEqualTo(registered(3, 3));
    assertThat(compatible("1", ONE)).isTrue();
    client.expect(200, "PUT", "/schemas/config", mode("BACKWARD"));
    assertThat(compatible("1", ONE)).isFalse();
  }

  @Test
  void leavesTheModeOfARegistryInUse() {
    SchemaTransport registry = server.transport().schemas().orElseThrow();
    registry.register(name("orders-value"), SchemaFormat.JSON, ONE, deadline()).join();
    assertThat(client.get("/schemas/config")).isEqualTo(mode("NONE"));
    assertThat(register("orders-value", STRICTER)).isEqualTo(registered(2, 2));
  }

  @Test
  void counts() {
    assertThat(client.get("/schemas/stats"))
        .isEqualTo(
            new JsonObject()
                .put("subjectCount", 0)
                .put("totalSchemas", 0)
                .put("globalCompatibility", "BACKWARD")
                .put("validationEnabled", false)
                .put("cachedValidators", 0)
                .put("subjects", new JsonArray()));
    register("orders-value", ONE);
    register("orders-value", TWO);
    register("others", ONE);
    client.expect(200, "PUT", "/schemas/config/others", mode("FULL"));
    JsonObject stats = client.get("/schemas/stats");
    assertThat(stats.getInteger("subjectCount")).isEqualTo(2);
    assertThat(stats.getInteger("totalSchemas")).isEqualTo(3);
    assertThat(stats.getJsonArray("subjects"))
        .isEqualTo(new JsonArray().add(counted("orders-value", 2, 2, "BACKWARD")).add(counted("others", 1, 3, "FULL")));
  }

  private static JsonObject counted(String subject, int versions, long latest, String mode) {
    return new JsonObject()
        .put("subject", subject)
        .put("versionCount", versions)
        .put("latestVersion", versions)
        .put("latestSchemaId", latest)
        .put("compatibility", mode)
        .put("validationEnabled", false);
  }

  private static JsonObject registered(long id, int version) {
    return new JsonObject().put("id", id).put("version", version);
  }

  private static JsonObject schema(String definition) {
    return new JsonObject().put("schema", definition);
  }

  private static JsonObject mode(String name) {
    return new JsonObject().put("compatibility", name);
  }

  private JsonObject register(String subject, String definition) {
    return client.post("/schemas/subjects/" + subject + "/versions", schema(definition));
  }

  private boolean compatible(String version, String definition) {
    return client
        .post("/schemas/compatibility/subjects/orders-value/versions/" + version, schema(definition))
        .getBoolean("is_compatible");
  }

  private String error(int status, String method, String path, JsonObject body) {
    JsonObject error = client.expect(status, method, path, body);
    assertThat(error.getInteger("status")).isEqualTo(status);
    return error.getString("error");
  }

  private static ResourceName name(String subject) {
    return new ResourceName("default", "default", subject);
  }

  private Deadline deadline() {
    return Deadline.after(time, Duration.ofSeconds(10));
  }
}
