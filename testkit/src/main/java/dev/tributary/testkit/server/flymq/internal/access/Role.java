package dev.tributary.testkit.server.flymq.internal.access;

import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Permission;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The roles there are. Users may have others, which allow nothing but what topics allow them. */
public enum Role {
  ADMIN("Full access to all operations", Permission.READ, Permission.WRITE, Permission.ADMIN),
  PRODUCER("Write-only access (produce messages)", Permission.WRITE),
  CONSUMER("Read-only access (consume messages)", Permission.READ),
  GUEST("Access to public topics only");

  private final String description;
  private final List<Permission> permissions;

  Role(String description, Permission... permissions) {
    this.description = description;
    this.permissions = List.of(permissions);
  }

  /** As it is on the wire. */
  public String text() {
    return lower(this);
  }

  private static String lower(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  /** What the roles are. */
  public static List<Answers.Role> all() {
    return Arrays.stream(values())
        .map(role -> new Answers.Role(role.text(), role.permissions.stream().map(Role::lower).toList(), role.description))
        .toList();
  }

  /** Whether any of these roles allows it. */
  static boolean allow(Collection<String> roles, Permission permission) {
    return Arrays.stream(values()).anyMatch(role -> role.permissions.contains(permission) && roles.contains(role.text()));
  }

  /** What these roles allow, by name. */
  static List<String> permissions(Collection<String> roles) {
    Set<String> allowed = new TreeSet<>();
    for (Role role : values()) {
      if (roles.contains(role.text())) {
        role.permissions.forEach(permission -> allowed.add(lower(permission)));
      }
    }
    return List.copyOf(allowed);
  }
}
