package dev.tributary.config;

import dev.tributary.error.InvalidRequestException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads the environment form of a configuration. An empty variable counts as none. */
final class ConfigEnvironment {
  private static final String PREFIX = "TRIBUTARY_";
  private static final String URI = PREFIX + "URI";
  private static final String HEADER = PREFIX + "HEADER_";

  /** What Kubernetes sets for a service that happens to be called tributary: not meant for us. */
  private static final Pattern SERVICE_LINK = Pattern.compile(PREFIX + "(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\\d+_.*)?)");

  private ConfigEnvironment() {}

  static ConfigDraft read(Map<String, String> variables) {
    // Sorted, so that of several mistakes always the same is reported.
    Map<String, String> ours = new TreeMap<>(variables);
    ours.entrySet().removeIf(v -> !v.getKey().startsWith(PREFIX) || v.getValue().isEmpty() || SERVICE_LINK.matcher(v.getKey()).matches());
    String uri = ours.remove(URI);
    ConfigDraft draft = uri == null ? elsewhere(variables) : ConfigUri.parse(uri);
    for (ConfigOption option : ConfigOption.values()) {
      if (option.credential() && ours.containsKey(variable(option))) {
        draft.forgetCredentials();
      }
    }
    ours.forEach((variable, value) -> draft.set(option(draft, variable), variable, value, ConfigEnvironment::variable));
    ClientVariables.ALL.stream().filter(theirs -> draft.speaks(theirs.backend())).forEach(theirs -> theirs.adopt(draft, variables));
    return draft;
  }

  /** Without a URI, another client's endpoints say which backend is meant. */
  private static ConfigDraft elsewhere(Map<String, String> variables) {
    return ClientVariables.ALL.stream()
        .filter(theirs -> !variables.getOrDefault(theirs.endpoints(), "").isEmpty())
        .findFirst()
        .map(theirs -> theirs.draft(variables))
        .orElseThrow(() -> InvalidRequestException.of(URI + " is not set", "Set it to flowmesh://localhost:50051 for instance"));
  }

  private static String variable(ConfigOption option) {
    return PREFIX + option.name();
  }

  /** The option's name as URIs have it. */
  private static String option(ConfigDraft draft, String variable) {
    if (variable.startsWith(HEADER)) {
      return ConfigDraft.HEADER + kebab(variable.substring(HEADER.length()));
    }
    String name = variable.substring(PREFIX.length());
    String own = kebab(name);
    for (String backend : new String[] {draft.backend, draft.backend.replaceAll("s$", "")}) {
      if (own.startsWith(backend + "-")) {
        return backend + "." + own.substring(backend.length() + 1);
      }
    }
    return own;
  }

  private static String kebab(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
