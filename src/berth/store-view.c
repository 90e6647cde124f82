/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the verbs for the store share. */
#include "berth/store-view.h"

#include <errno.h>

#include "basic/log.h"
#include "image/collect.h"
#include "source/places.h"

/* Returns 1 when they are not known and need not be. */
static int read_needs(StoreAccess access, ImageNeeds *ret) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_sources_ Sources sources = {};
        int r = sources_scan_scope(places_scope(), &sources, &diagnostics);

        if (r >= 0)
                r = image_needs_find(&sources, places_scope(), &diagnostics, ret);
        if (r == -EREPORTED && access == STORE_LOOK)
                return 1;
        log_diagnostics(&diagnostics);
        if (r == -EREPORTED)
                log_error("It is not known which images the files ask for; nothing was changed");
        else if (r < 0)
                log_error_errno(r, "Failed to read the files: %m");
        return r < 0 ? r : 0;
}

static int take_lock(StoreAccess access, StoreView *view) {
        enum { PATIENCE_USEC = 5 * 1000 * 1000 };
        int r;

        if (access == STORE_LOOK) {
                /* Who may only look does without. */
                r = store_lock(&view->store, STORE_LOCK_SHARED, &view->lock_fd);
                return r == -EACCES || r == -EROFS ? 0 : r;
        }
        r = store_lock_alone(&view->store, PATIENCE_USEC, &view->lock_fd);
        if (r == -EWOULDBLOCK) {
                log_error("An image is being pulled; try again when that is done");
                return r;
        }
        return r;
}

static int open_view(StoreAccess access, StoreView *view) {
        int r;

        r = store_open_existing(NULL, &view->store);
        if (r == -ENOENT)
                return 0;
        if (r >= 0)
                r = take_lock(access, view);
        if (r == -EWOULDBLOCK)
                return r;
        if (r >= 0)
                r = catalog_read(&view->store, &view->catalog);
        if (r >= 0)
                r = images_in_use_read(NULL, &view->in_use);
        if (r < 0)
                return log_error_errno(r, "Failed to read the store %s: %m", place_path(PLACE_STATE));
        r = read_needs(access, &view->needs);
        view->needs_unknown = r > 0;
        return r < 0 ? r : 1;
}

int store_view_open(StoreAccess access, StoreView *ret) {
        _cleanup_store_view_ StoreView view = STORE_VIEW_INIT;
        int r;

        r = open_view(access, &view);
        if (r <= 0)
                return r;
        *ret = view;
        view = (StoreView) STORE_VIEW_INIT;
        return 1;
}

void store_view_done(StoreView *view) {
        images_in_use_done(&view->in_use);
        image_needs_done(&view->needs);
        catalog_done(&view->catalog);
        view->lock_fd = fd_close(view->lock_fd);
        store_done(&view->store);
}

const char *store_view_find_need(const StoreView *view, const StoredImage *image) {
        for (size_t i = 0; i < view->needs.count; i++)
                if (image_need_matches(&view->needs.items[i], image->name))
                        return view->needs.items[i].file_name;
        return NULL;
}

bool store_view_is_needed(const StoreView *view, const StoredImage *image) {
        return view->needs_unknown || store_view_find_need(view, image) ||
               images_in_use_find(&view->in_use, image->parts.manifest, NULL);
}
