package dev.tributary.engine.access;

import dev.tributary.access.Permission;
import dev.tributary.access.Role;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The roles there are. Users may have others, which allow nothing but what lists allow them. */
enum StandardRole {
  ADMIN("Full access to all operations", Permission.READ, Permission.WRITE, Permission.ADMIN),
  PRODUCER("Write-only access (produce messages)", Permission.WRITE),
  CONSUMER("Read-only access (consume messages)", Permission.READ),
  GUEST("Access to public topics only");

  private final Role role;

  StandardRole(String description, Permission... permissions) {
    this.role = new Role(name().toLowerCase(Locale.ROOT), Set.of(permissions), description);
  }

  Role role() {
    return role;
  }

  static List<Role> all() {
    return Arrays.stream(values()).map(StandardRole::role).toList();
  }

  /** Whether any of these roles allows it. */
  static boolean allow(Collection<String> roles, Permission permission) {
    return all().stream().anyMatch(role -> role.permissions().contains(permission) && roles.contains(role.name()));
  }
}
